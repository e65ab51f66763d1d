/** Offer and answer (RFC 3264) for one audio stream of G.711 and telephone-event; everything else is declined with port 0. */
import { isIPv4 } from 'node:net';
import { type MediaDescription, parse, type SessionDescription, write } from 'sdp-transform';
import { SoftswitchMediaError } from './errors.ts';
import type { CodecName } from './g711.ts';
import type { StreamTarget } from './rtp-stream.ts';

/** Our side of the session; `version` grows with each new description (RFC 3264 §8). */
export interface LocalMedia {
  readonly address: string;
  readonly port: number;
  readonly sessionId: number;
  version: number;
}

type Media = SessionDescription['media'][number];
type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

interface Choice {
  readonly codec: CodecName;
  readonly keyPayload: number | null;
}

/** Payload type of telephone-event in our own offers. */
const OUR_KEY_PAYLOAD = 101;
const MAX_SDP_BYTES = 32 * 1024;
const MIRROR: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

/** Answers an offer. Throws MED_SDP when no stream of it fits (SIP 488). */
export function answerOffer(offer: string, local: LocalMedia): { sdp: string; target: StreamTarget } {
  const session = parseSdp(offer);
  const index = session.media.findIndex((media) => chooseCodec(media) !== null);
  const media = session.media[index];
  const choice = media && chooseCodec(media);
  if (!media || !choice) throw new SoftswitchMediaError('MED_SDP');
  const direction = directionOf(session, media);
  local.version++;
  const answer = describe(
    local,
    session.media.map((other, at) =>
      at === index
        ? audioMedia(local.port, [choice.codec], choice.keyPayload, MIRROR[direction])
        : { ...other, ...declined(other) },
    ),
  );
  return { sdp: answer, target: targetOf(session, media, choice, direction, choice.keyPayload, local) };
}

/** A first offer of ours (INVITE without body). */
export function makeOffer(local: LocalMedia): string {
  local.version++;
  return describe(local, [audioMedia(local.port, ['PCMU', 'PCMA'], OUR_KEY_PAYLOAD, 'sendrecv')]);
}

/** Reads the answer to `makeOffer`. Throws MED_SDP when it took nothing. */
export function readAnswer(answer: string, local: LocalMedia): StreamTarget {
  const session = parseSdp(answer);
  const media = session.media.find((each) => chooseCodec(each) !== null);
  const choice = media && chooseCodec(media);
  if (!media || !choice) throw new SoftswitchMediaError('MED_SDP');
  return targetOf(session, media, choice, directionOf(session, media), OUR_KEY_PAYLOAD, local);
}

function parseSdp(text: string): SessionDescription {
  if (text.length > MAX_SDP_BYTES || !text.startsWith('v=0')) throw new SoftswitchMediaError('MED_SDP');
  return parse(text);
}

/** The first G.711 codec in the offerer's order, with its telephone-event. */
function chooseCodec(media: Media): Choice | null {
  if (media.type !== 'audio' || !(media.port > 0 && media.port < 65_536) || !/^RTP\/AVPF?$/.test(media.protocol))
    return null;
  const payloads = String(media.payloads ?? '')
    .split(' ')
    .map(Number);
  const nameOf = (payload: number): string => {
    const mapped = media.rtp.find((each) => each.payload === payload);
    return mapped
      ? `${String(mapped.codec).toUpperCase()}/${mapped.rate ?? 8000}`
      : payload === 0
        ? 'PCMU/8000'
        : payload === 8
          ? 'PCMA/8000'
          : '';
  };
  const chosen = payloads.find(
    (payload) => (payload === 0 && nameOf(0) === 'PCMU/8000') || (payload === 8 && nameOf(8) === 'PCMA/8000'),
  );
  if (chosen === undefined) return null;
  const key = payloads.find((payload) => nameOf(payload) === 'TELEPHONE-EVENT/8000');
  return { codec: chosen === 0 ? 'PCMU' : 'PCMA', keyPayload: key ?? null };
}

function directionOf(session: SessionDescription, media: Media): Direction {
  const direction = (media.direction ?? session.direction ?? 'sendrecv') as Direction;
  // The hold of RFC 2543: a null address instead of a direction.
  return addressOf(session, media) === '0.0.0.0' ? (direction === 'recvonly' ? 'inactive' : 'sendonly') : direction;
}

function addressOf(session: SessionDescription, media: Media): string {
  return media.connection?.ip ?? session.connection?.ip ?? '0.0.0.0';
}

function targetOf(
  session: SessionDescription,
  media: Media,
  choice: Choice,
  direction: Direction,
  receivedKeyPayload: number | null,
  local: LocalMedia,
): StreamTarget {
  const address = addressOf(session, media);
  const numeric = isIPv4(address);
  // srf acknowledges a delayed offer with our own description (wire-protocols A6): nothing must be sent to ourselves.
  const loop = address === local.address && media.port === local.port;
  return {
    // A name or an IPv6 address cannot be sent to; such a far end is answered where its packets come from.
    address: numeric ? address : '',
    port: numeric ? media.port : 0,
    codec: choice.codec,
    keyPayload: choice.keyPayload,
    receivedKeyPayload,
    send: !loop && (direction === 'sendrecv' || direction === 'recvonly'),
    receive: direction === 'sendrecv' || direction === 'sendonly',
  };
}

function declined(media: Media): Partial<Media> {
  return {
    port: 0,
    direction: undefined,
    connection: undefined,
    candidates: undefined,
    crypto: undefined,
    type: media.type,
  };
}

function audioMedia(
  port: number,
  codecs: readonly CodecName[],
  key: number | null,
  direction: Direction,
): MediaDescription {
  const payload: Record<CodecName, number> = { PCMU: 0, PCMA: 8 };
  const rtp = codecs.map((codec) => ({ payload: payload[codec], codec, rate: 8000 }));
  if (key !== null) rtp.push({ payload: key, codec: 'telephone-event' as CodecName, rate: 8000 });
  return {
    type: 'audio',
    port,
    protocol: 'RTP/AVP',
    payloads: rtp.map((each) => each.payload).join(' '),
    rtp,
    fmtp: key === null ? [] : [{ payload: key, config: '0-15' }],
    ptime: 20,
    direction,
  };
}

function describe(local: LocalMedia, media: readonly Partial<Media>[]): string {
  const origin = {
    username: 'Callwright',
    sessionId: local.sessionId,
    sessionVersion: local.version,
    netType: 'IN',
    ipVer: 4,
    address: local.address,
  };
  return write({
    version: 0,
    origin,
    name: 'Callwright',
    timing: { start: 0, stop: 0 },
    connection: { version: 4, ip: local.address },
    media: media as SessionDescription['media'],
  });
}
