/**
 * Video that comes to a conversation in its course: a phone offers it by re-INVITE, the one it talks with is asked in its turn, and both have
 * what both have (RFC 3264 §8). Who declines it, or does not answer in time, talks on as before.
 */
import { randomBytes } from 'node:crypto';
import type { Leg, Media } from '../legs/leg.ts';
import { askingVideo, hasVideo, narrowOffer, ownVideoOf, passableOf, withoutVideo, withVideo } from '../sip/passing.ts';
import { offerOf } from '../trunks/codecs.ts';
import type { TelephonyContext } from './context.ts';
import { allowVideo } from './pass-through.ts';

/** A phone may ask its user; whoever offered waits meanwhile. */
const ANSWER_MS = 8000;

/** The leg's offer brought down to what both have, and what the other answered. */
export interface AgreedVideo {
  readonly offer: string;
  readonly answer: string;
}

/** The leg that this one talks with on this instance, when its phone can be asked. */
function partnerOf(context: TelephonyContext, leg: Leg): { other: Leg; media: Media } | null {
  const other = leg.bridged === null ? undefined : context.legs.get(leg.bridged);
  const media = other?.readyMedia;
  if (!other || !media || other.bridged !== leg.id || other.state !== 'answered' || !other.phone?.offer) return null;
  return { other, media };
}

/** The leg's phone offers video that it had not: null when the other has none of it, or is not there to be asked. */
export async function agreeOnVideo(context: TelephonyContext, leg: Leg, offer: string): Promise<AgreedVideo | null> {
  const formats = passableOf(offer)?.video ?? [];
  const found = partnerOf(context, leg);
  const own = leg.readyMedia;
  if (formats.length === 0 || !found || !own) return null;
  const { other, media } = found;
  const remote = other.phone?.remote?.() ?? null;
  const local = other.phone?.described?.() ?? null;
  if (remote === null || local === null) return null;
  const answer = hasVideo(local) && hasVideo(remote) ? remote : await askFor(other, media, { remote, local, offer });
  const common = answer === null ? null : narrowOffer(offer, answer);
  if (answer === null || !common || common.video.length === 0 || leg.bridged !== other.id) return null;
  await allowVideo(leg, own, common.video);
  return { offer: common.offer, answer };
}

interface Descriptions {
  readonly remote: string;
  readonly local: string;
  readonly offer: string;
}

/** Offers the video to the other phone; its answer when it takes some of it. */
async function askFor(other: Leg, media: Media, { remote, local, offer }: Descriptions): Promise<string | null> {
  const formats = passableOf(offer)?.video ?? [];
  const { endpoint } = media;
  await allowVideo(other, media, formats);
  const asking = askingVideo(remote, offer, () => randomBytes(30).toString('base64'));
  const own = asking === null ? null : ownVideoOf(await endpoint.modify(asking));
  const whole = own && withVideo(local, offer, own, 'sendrecv');
  const asked = whole && other.wish ? offerOf(whole, other.wish.codecs, other.wish.forced) : whole;
  if (asked === null || !hasVideo(asked)) {
    await settle(other, media, remote);
    return null;
  }
  const answered = other.phone!.offer!(asked).then(
    (answer) => settle(other, media, answer),
    () => settle(other, media, remote).then(() => null),
  );
  // an answer that comes too late is heeded all the same: the other's channel must speak as its phone does
  return Promise.race([answered.catch(() => null), late()]);
}

const late = (): Promise<null> => new Promise((resolve) => setTimeout(() => resolve(null), ANSWER_MS).unref());

/** The channel speaks as the phone has answered; the answer when there is video in it. */
async function settle(leg: Leg, media: Media, answer: string): Promise<string | null> {
  const video = passableOf(answer)?.video ?? [];
  await allowVideo(leg, media, video);
  await media.endpoint.modify(answer);
  return video.length > 0 ? answer : null;
}

/** The leg's phone has taken its video away: the other, who would show a still picture, is told. */
export async function dropVideo(context: TelephonyContext, leg: Leg): Promise<void> {
  const found = partnerOf(context, leg);
  const local = found?.other.phone?.described?.() ?? null;
  if (!found || local === null || !hasVideo(local)) return;
  const answer = await found.other.phone!.offer!(withoutVideo(local));
  await settle(found.other, found.media, answer);
}
