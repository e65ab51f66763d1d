/**
 * Late negotiation (docs/adr/passing-formats-on.md): a caller is answered when it is known what the called party speaks, and two parties
 * who are joined are brought to one way of speaking. Legs that speak our own codecs pass through here without a single message more.
 */
import { TelephonyError } from '../errors.ts';
import type { Leg, Media } from '../legs/leg.ts';
import {
  codecString,
  type Formats,
  isOwnFormat,
  narrowOffer,
  passableOf,
  renewOffer,
  voiceOf,
  withParametersOf,
} from '../sip/passing.ts';
import type { TelephonyContext } from './context.ts';

/** Header of an INVITE without description: what the channel may carry; the media server's dialplan makes it `absolute_codec_string`. */
export const codecHeaders = (formats: Formats | null): Record<string, string> =>
  formats ? { 'X-Codecs': codecString(formats) } : {};

const OWN_ONLY = { own: true, audio: [], video: [] } as const;

/** What the party to be called is offered of the caller's, and the caller's words for it. */
export interface CallersFormats {
  readonly offer: string;
  readonly formats: Formats;
}

/** The caller of the call that dials, when it has anything that is not ours; one who was told a description already has no video. */
export function callersFormats(context: TelephonyContext, leg: Leg): CallersFormats | null {
  for (const caller of context.legs.ofCall(leg.callId)) {
    if (caller === leg || caller.direction !== 'inbound' || caller.state === 'ended' || caller.theirSdp === null)
      continue;
    const found = passableOf(caller.theirSdp);
    const formats = found && caller.described ? { ...found, video: [] } : found;
    return formats && formats.audio.length + formats.video.length > 0 ? { offer: caller.theirSdp, formats } : null;
  }
  return null;
}

/** A called party has answered an offer with `formats`: its channel is to speak that way, now and in later offers of the party. */
export async function settleCalled(
  leg: Leg,
  { endpoint }: Media,
  answer: string,
  formats: Formats | null,
): Promise<void> {
  leg.theirSdp = answer;
  if (!formats) return;
  const voice = voiceOf(answer);
  leg.carries = voice === '' || isOwnFormat(voice) ? null : voice;
  const video = passableOf(answer)?.video ?? [];
  const chosen = leg.carries === null ? { ...OWN_ONLY, video } : { own: false, audio: [leg.carries], video };
  await allow(endpoint, chosen);
}

/**
 * Our answer to the caller. Once a called party has answered it is in what both have; else in our own codecs. Rejects with TEL_FORMATS when
 * the caller has none of those.
 */
export async function describeFor(context: TelephonyContext, leg: Leg, { endpoint }: Media): Promise<string> {
  const offer = leg.theirSdp;
  const formats = offer === null || leg.described ? null : passableOf(offer);
  if (offer === null || !formats) return endpoint.localSdp;
  const called = calledOf(context, leg);
  const common = narrowOffer(offer, called);
  if (!common) throw new TelephonyError('TEL_FORMATS');
  if (formats.own && common.voice === null && common.video.length === 0) return endpoint.localSdp;
  const audio = common.voice === null ? [] : [common.voice];
  await allow(endpoint, { own: common.voice === null, audio, video: common.video });
  const answer = await endpoint.modify(common.offer);
  leg.carries = common.voice;
  return called === null ? answer : withParametersOf(answer, called);
}

/** What the party whom the caller will be joined with has answered: the latest that is up. */
function calledOf(context: TelephonyContext, leg: Leg): string | null {
  const others = context.legs.ofCall(leg.callId);
  return others.findLast((other) => other !== leg && other.state === 'answered')?.theirSdp ?? null;
}

/** Brings two parties to one way of speaking; false when there is none. */
export async function alignLegs(leg: Leg, other: Leg): Promise<boolean> {
  if (leg.carries === other.carries) return true;
  const [passing, second] = leg.carries === null ? [other, leg] : [leg, other];
  if (await speak(second, passing.carries, passing.theirSdp)) return true;
  return (await speak(passing, null)) && (await speak(second, null));
}

/** A party that is to hear what we make goes back to a codec of ours, where it has one; else it hears nothing. */
export async function speakOwn(leg: Leg): Promise<void> {
  if (leg.carries !== null && leg.bridged === null && leg.state === 'answered') await speak(leg, null);
}

/**
 * Asks the party by re-INVITE to speak in that format, null: in any of ours. A called party has told us no more than it chose: it is asked in
 * the `words` of the other. False when it has none, or will not.
 */
async function speak(leg: Leg, format: string | null, words: string | null = null): Promise<boolean> {
  if (leg.carries === format) return true;
  const media = leg.readyMedia;
  const local = leg.phone?.described?.() ?? null;
  if (!media || local === null || leg.theirSdp === null || !leg.phone?.offer) return false;
  const wanted = (one: string): boolean => (format === null ? isOwnFormat(one) : one === format);
  const own = renewOffer(local, leg.theirSdp, wanted);
  const offer = own ?? (leg.direction === 'outbound' && words !== null ? renewOffer(local, words, wanted) : null);
  if (offer === null) return false;
  try {
    const answer = await leg.phone.offer(offer);
    await allow(media.endpoint, format === null ? OWN_ONLY : { own: false, audio: [format], video: [] });
    await media.endpoint.modify(answer);
    leg.carries = format;
    return true;
  } catch {
    return false;
  }
}

/** From its next description on the channel may have these videos, or none, beside the voice it speaks. */
export const allowVideo = (leg: Leg, { endpoint }: Media, video: readonly string[]): Promise<void> =>
  allow(endpoint, leg.carries === null ? { ...OWN_ONLY, video } : { own: false, audio: [leg.carries], video });

/** What the channel may speak from its next description on. */
async function allow(endpoint: Media['endpoint'], formats: Formats): Promise<void> {
  await endpoint.ask('uuid_setvar', 'absolute_codec_string', codecString(formats));
}
