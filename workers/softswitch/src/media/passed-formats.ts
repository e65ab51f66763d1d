/** Formats that are passed on as they come, in SDP: found among those a stream offers, and repeated in ours word for word. */
import type { MediaDescription, SessionDescription } from 'sdp-transform';
import { clockRateOf, type PassedFormat } from './codec/coder.ts';

type Media = SessionDescription['media'][number];

/** Static payload types (RFC 3551 tables 4 and 5) of formats that are not ours. */
const STATIC: Readonly<Record<number, PassedFormat>> = {
  3: 'gsm/8000',
  4: 'g723/8000',
  15: 'g728/8000',
  18: 'g729/8000',
  31: 'h261/90000',
  34: 'h263/90000',
};

/** The name of a payload type of a stream as `PassedFormat` has it; undefined when nothing says what it is. */
export function formatOf(media: Pick<Media, 'rtp'>, payload: number): PassedFormat | undefined {
  const mapped = media.rtp.find((each) => each.payload === payload);
  if (!mapped) return STATIC[payload];
  return `${String(mapped.codec).toLowerCase()}/${mapped.rate ?? 8000}`;
}

/** Everything the stream says of some of its payload types. */
export function linesOf(
  media: Media,
  payloads: readonly number[],
): Pick<MediaDescription, 'rtp' | 'fmtp' | 'rtcpFb' | 'payloads'> {
  const isOne = ({ payload }: { payload: number | string }): boolean => payloads.includes(Number(payload));
  const feedback = (media.rtcpFb ?? []).filter((each) => String(each.payload) === '*' || isOne(each));
  return {
    payloads: payloads.join(' '),
    rtp: media.rtp.filter(isOne),
    fmtp: media.fmtp.filter(isOne),
    ...(feedback.length > 0 ? { rtcpFb: feedback } : {}),
  };
}

/** Payload types of our own offer: the static one where there is one, else dynamic ones that no codec of ours uses. */
export function payloadsOf(formats: readonly PassedFormat[]): readonly { payload: number; format: PassedFormat }[] {
  let dynamic = 112;
  return formats.map((format) => {
    const known = Object.entries(STATIC).find(([, name]) => name === format)?.[0];
    return { payload: known === undefined ? dynamic++ : Number(known), format };
  });
}

/** rtpmap of a format in our own offer. */
export const mapOf = ({
  payload,
  format,
}: {
  payload: number;
  format: PassedFormat;
}): MediaDescription['rtp'][number] => ({
  payload,
  codec: format.slice(0, format.lastIndexOf('/')).toUpperCase(),
  rate: clockRateOf(format),
});
