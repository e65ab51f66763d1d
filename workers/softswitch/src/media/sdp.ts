/**
 * Offer and answer (RFC 3264) for one audio stream with its codec, keys and protection, and for a stream of video that is passed on where
 * a channel may; everything else is declined with port 0.
 */
import { isIPv4 } from 'node:net';
import { type MediaDescription, parse, type SessionDescription, write } from 'sdp-transform';
import {
  type AllowedCodecs,
  type AudioCodec,
  CODEC_NAMES,
  CODECS,
  clockRateOf,
  isOwn,
  OWN_CODECS,
} from './codec/coder.ts';
import { SoftswitchMediaError } from './errors.ts';
import { formatOf, linesOf, mapOf, payloadsOf } from './passed-formats.ts';
import { isRtp, type LegSecurity, type OfferKind, type StreamTerms } from './secure/leg-security.ts';
import type { StreamTarget } from './stream-target.ts';
import { answerVideo, offerVideo, type VideoTarget } from './video-sdp.ts';

/** Our side of the session; `version` grows with each new description (RFC 3264 §8). */
export interface LocalMedia {
  readonly address: string;
  readonly port: number;
  readonly sessionId: number;
  readonly security: LegSecurity;
  /** Port of the video stream, once the channel has one, and what protects it: keys of its own. */
  videoPort?: number;
  videoSecurity?: LegSecurity;
  version: number;
}

/** What was settled with the far end. */
export interface Settlement {
  readonly target: StreamTarget;
  /** Null: there is no video. */
  readonly video: VideoTarget | null;
}

type Media = SessionDescription['media'][number];
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

interface Choice {
  readonly codec: AudioCodec;
  readonly payload: number;
  /** telephone-event: its payload type and clock. */
  readonly key: { readonly payload: number; readonly rate: number } | null;
}

/** Payload type of telephone-event in our own offers. */
const OUR_KEY_PAYLOAD = 101;
const MAX_SDP_BYTES = 32 * 1024;
export const MIRROR: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

/** Answers an offer by one of `codecs`. Throws MED_SDP when no stream of it fits (SIP 488). */
export function answerOffer(
  offer: string,
  local: LocalMedia,
  codecs: AllowedCodecs = OWN_CODECS,
): Settlement & { readonly sdp: string } {
  const session = parseSdp(offer);
  for (const [index, media] of session.media.entries()) {
    const choice = chooseCodec(media, codecs);
    const settled = choice && local.security.settle(session, media);
    if (!choice || !settled) continue;
    const direction = directionOf(session, media, settled.terms.ice !== null);
    local.version++;
    const chosen = {
      ...audioMedia(local.port, [choice], MIRROR[direction]),
      ...(isOwn(choice.codec) ? {} : answered(media, choice)),
      protocol: media.protocol,
      ...settled.attributes,
      ...(media.mid === undefined ? {} : { mid: media.mid }),
    };
    const video = answerVideo(session, local, codecs.passedVideo);
    const answers = session.media.map((other, at) => {
      if (at === index) return chosen;
      return at === video?.index ? video.description : declined(other);
    });
    const sdp = describe(local, answers, bundleOf(session, media), settled.terms.ice !== null);
    const target = targetOf(session, media, choice, direction, settled.terms, local);
    return { sdp, target, video: video?.target ?? null };
  }
  throw new SoftswitchMediaError('MED_SDP');
}

/** A format that is passed on is answered as it was offered, with its keys. */
function answered(media: Media, { payload, key }: Choice): Partial<MediaDescription> {
  const { rtcpFb: _unused, ...lines } = linesOf(media, [payload, ...(key ? [key.payload] : [])]);
  return { ...lines, ...(media.ptime === undefined ? {} : { ptime: media.ptime }) };
}

/** A first offer of ours (INVITE without body): the same stream in each of the kinds, of which the far end is to be shown one. */
export function makeOffer(
  local: LocalMedia,
  kinds: readonly OfferKind[] = ['plain'],
  codecs: AllowedCodecs = OWN_CODECS,
): string {
  local.version++;
  const key = { payload: OUR_KEY_PAYLOAD, rate: 8000 };
  const choices = [
    ...codecs.own.map((codec) => ({ codec, payload: CODECS[codec].payload, key })),
    ...payloadsOf(codecs.passedAudio).map(({ payload, format }) => ({ codec: format, payload, key })),
  ];
  const streams = kinds.map((kind) => ({
    ...audioMedia(local.port, choices, 'sendrecv'),
    ...local.security.offer(kind),
    ...(kind === 'dtls' ? { mid: '0' } : {}),
  }));
  const video = offerVideo(local, codecs.passedVideo, kinds);
  return describe(local, [...streams, ...video], undefined, kinds.includes('dtls'));
}

/** Reads the answer to `makeOffer` with the same codecs. Throws MED_SDP when it took nothing. */
export function readAnswer(answer: string, local: LocalMedia, codecs: AllowedCodecs = OWN_CODECS): Settlement {
  const session = parseSdp(answer);
  for (const media of session.media) {
    const choice = chooseCodec(media, { ...codecs, own: CODEC_NAMES });
    const own = isOurs(session, media, local);
    const settled = choice && (own ? { terms: NO_TERMS } : local.security.settle(session, media));
    if (!choice || !settled) continue;
    const direction = directionOf(session, media, settled.terms.ice !== null);
    const target = targetOf(session, media, choice, direction, settled.terms, local);
    const receivedPayload = isOwn(choice.codec) ? CODECS[choice.codec].payload : choice.payload;
    const video = own ? null : answerVideo(session, local, codecs.passedVideo);
    return {
      target: { ...target, receivedPayload, receivedKeyPayload: OUR_KEY_PAYLOAD },
      video: video?.target ?? null,
    };
  }
  throw new SoftswitchMediaError('MED_SDP');
}

function parseSdp(text: string): SessionDescription {
  if (text.length > MAX_SDP_BYTES || !text.startsWith('v=0')) throw new SoftswitchMediaError('MED_SDP');
  return parse(text);
}

/** The first codec that is allowed in the offerer's order, with its telephone-event. */
function chooseCodec(media: Media, codecs: AllowedCodecs): Choice | null {
  if (media.type !== 'audio' || !(media.port > 0 && media.port < 65_536) || !isRtp(media.protocol)) return null;
  const payloads = String(media.payloads ?? '')
    .split(' ')
    .map(Number);
  for (const payload of payloads) {
    const codec = codecOf(media, payload, codecs);
    if (codec) return { codec, payload, key: keyEvents(media, payloads, clockRateOf(codec)) };
  }
  return null;
}

function codecOf(media: Media, payload: number, { own, passedAudio }: AllowedCodecs): AudioCodec | undefined {
  const mapped = media.rtp.find((each) => each.payload === payload);
  const known = own.find((name) => {
    const spec = CODECS[name];
    // a static type needs no rtpmap (RFC 3551 §6)
    if (!mapped) return payload < 96 && payload === spec.payload;
    return String(mapped.codec).toLowerCase() === name.toLowerCase() && (mapped.rate ?? 8000) === spec.clockRate;
  });
  const format = known ?? formatOf(media, payload);
  return known ?? passedAudio.find((one) => one === format);
}

/** telephone-event at the codec's clock, as RFC 4733 §2.2 wants it, else at 8 kHz, as many have it. */
function keyEvents(media: Media, payloads: readonly number[], clockRate: number): Choice['key'] {
  const events = media.rtp.filter(
    (each) => String(each.codec).toLowerCase() === 'telephone-event' && payloads.includes(each.payload),
  );
  const rateOf = (each: (typeof events)[number]): number => each.rate ?? 8000;
  const found = events.find((each) => rateOf(each) === clockRate) ?? events.find((each) => rateOf(each) === 8000);
  return found ? { payload: found.payload, rate: rateOf(found) } : null;
}

export function directionOf(session: SessionDescription, media: Media, ice: boolean): Direction {
  const direction = (media.direction ?? session.direction ?? 'sendrecv') as Direction;
  // The hold of RFC 2543: a null address instead of a direction. With ICE it only says that candidates follow (RFC 8840 §4.1.1).
  if (ice || addressOf(session, media) !== '0.0.0.0') return direction;
  return direction === 'recvonly' ? 'inactive' : 'sendonly';
}

export function addressOf(session: SessionDescription, media: Media): string {
  return media.connection?.ip ?? session.connection?.ip ?? '0.0.0.0';
}

/** srf acknowledges a delayed offer with our own description (wire-protocols A6): nothing must be sent to ourselves. */
const isOurs = (session: SessionDescription, media: Media, local: LocalMedia): boolean =>
  addressOf(session, media) === local.address && media.port === local.port;

const NO_TERMS: StreamTerms = { security: null, ice: null, rtcpMux: false };

function targetOf(
  session: SessionDescription,
  media: Media,
  choice: Choice,
  direction: Direction,
  terms: StreamTerms,
  local: LocalMedia,
): StreamTarget {
  const address = addressOf(session, media);
  // A name or an IPv6 address cannot be sent to; such a far end is answered where its packets come from. With ICE, checks tell where it is.
  const numeric = isIPv4(address) && !terms.ice;
  return {
    address: numeric ? address : '',
    port: numeric ? media.port : 0,
    codec: choice.codec,
    payload: choice.payload,
    receivedPayload: choice.payload,
    keyPayload: choice.key?.payload ?? null,
    receivedKeyPayload: choice.key?.payload ?? null,
    keyRate: choice.key?.rate ?? 8000,
    send: !isOurs(session, media, local) && (direction === 'sendrecv' || direction === 'recvonly'),
    receive: direction === 'sendrecv' || direction === 'sendonly',
    terms,
  };
}

/** A refused stream keeps its place, kind and formats, and nothing else (RFC 3264 §6). */
function declined({ type, protocol, payloads, mid }: Media): MediaDescription {
  return { type, port: 0, protocol, payloads, rtp: [], fmtp: [], ...(mid === undefined ? {} : { mid }) };
}

/** The bundle of the offer (RFC 9143), with what we take of it. */
function bundleOf(session: SessionDescription, media: Media): SessionDescription['groups'] {
  const bundle = session.groups?.find(({ type }) => type === 'BUNDLE');
  const taken = media.mid !== undefined && bundle && String(bundle.mids).split(' ').includes(String(media.mid));
  return taken ? [{ type: 'BUNDLE', mids: String(media.mid) }] : undefined;
}

function audioMedia(port: number, choices: readonly Choice[], direction: Direction): MediaDescription {
  const rtp: MediaDescription['rtp'] = choices.map(({ codec, payload }) => {
    if (!isOwn(codec)) return mapOf({ payload, format: codec });
    const { clockRate, channels } = CODECS[codec];
    return { payload, codec, rate: clockRate, ...(channels ? { encoding: channels } : {}) };
  });
  const fmtp = choices.flatMap(({ codec, payload }) => {
    const config = isOwn(codec) ? CODECS[codec].fmtp : undefined;
    return config ? [{ payload, config }] : [];
  });
  const key = choices[0]?.key;
  if (key) {
    rtp.push({ payload: key.payload, codec: 'telephone-event', rate: key.rate });
    fmtp.push({ payload: key.payload, config: '0-15' });
  }
  const payloads = rtp.map((each) => each.payload).join(' ');
  return { type: 'audio', port, protocol: 'RTP/AVP', payloads, rtp, fmtp, ptime: 20, direction };
}

function describe(
  local: LocalMedia,
  media: readonly Partial<Media>[],
  groups: SessionDescription['groups'],
  ice: boolean,
): string {
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
    ...(ice ? { icelite: 'ice-lite' } : {}),
    ...(groups ? { groups } : {}),
    media: media as SessionDescription['media'],
  });
}
