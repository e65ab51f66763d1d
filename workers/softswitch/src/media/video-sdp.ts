/** A stream of video in SDP: nobody looks into it, so whatever the far end says of its formats is agreed to. */
import { isIPv4 } from 'node:net';
import type { MediaDescription, SessionDescription } from 'sdp-transform';
import type { PassedFormat } from './codec/coder.ts';
import { formatOf, linesOf, mapOf, payloadsOf } from './passed-formats.ts';
import type { LegSecurity, OfferKind } from './secure/leg-security.ts';
import type { SdesTerms } from './secure/relay-security.ts';

type Media = SessionDescription['media'][number];
type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** What SDP settled for a stream of video. */
export interface VideoTarget {
  readonly address: string;
  readonly port: number;
  /** Payload types that the far end has, with their formats. */
  readonly formats: ReadonlyMap<number, string>;
  /** Its reports come to the port of its packets (RFC 5761). */
  readonly rtcpMux: boolean;
  /** Keys of its SRTP; null: plain RTP. */
  readonly security: SdesTerms | null;
  readonly send: boolean;
  readonly receive: boolean;
}

/** Protected by keys in SDP; with DTLS there is no video. */
const TAKEN = /^RTP\/S?AVPF?$/;
const isProtected = (protocol: string): boolean => protocol.includes('SAVP');

/** What the video of a leg has of its own: a port, and keys that are not those of its sound. */
export interface LocalVideo {
  readonly videoPort?: number;
  readonly videoSecurity?: LegSecurity;
}
/** Formats that serve others: sent again, or put to mend them. They go with whatever they serve. */
const COMPANIONS = new Set(['rtx', 'red', 'ulpfec', 'flexfec-03']);

const MIRROR: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

/** The first stream of video that has an allowed format, answered; null when there is none, or the channel has no port for it. */
export function answerVideo(
  session: SessionDescription,
  { videoPort, videoSecurity }: LocalVideo,
  allowed: readonly PassedFormat[],
): { readonly index: number; readonly description: Partial<MediaDescription>; readonly target: VideoTarget } | null {
  if (videoPort === undefined || allowed.length === 0) return null;
  for (const [index, media] of session.media.entries()) {
    const formats = formatsOf(media, allowed);
    if (formats.size === 0) continue;
    const secure = isProtected(media.protocol);
    const settled = secure ? videoSecurity?.settle(session, media) : undefined;
    const keys = settled?.terms.security ?? null;
    if (secure && keys?.kind !== 'sdes') continue;
    const direction = (media.direction ?? session.direction ?? 'sendrecv') as Direction;
    const address = media.connection?.ip ?? session.connection?.ip ?? '0.0.0.0';
    const rtcpMux = media.rtcpMux !== undefined;
    const description: Partial<MediaDescription> = {
      type: 'video',
      port: videoPort,
      protocol: media.protocol,
      ...linesOf(media, [...formats.keys()]),
      direction: MIRROR[direction],
      ...(rtcpMux ? { rtcpMux: 'rtcp-mux' } : {}),
      ...(secure && settled?.attributes.crypto ? { crypto: settled.attributes.crypto } : {}),
      ...(media.mid === undefined ? {} : { mid: media.mid }),
    };
    const held = address === '0.0.0.0';
    const target: VideoTarget = {
      address: isIPv4(address) ? address : '',
      port: isIPv4(address) ? media.port : 0,
      formats,
      rtcpMux,
      security: keys?.kind === 'sdes' ? keys : null,
      send: !held && (direction === 'sendrecv' || direction === 'recvonly'),
      receive: direction === 'sendrecv' || direction === 'sendonly',
    };
    return { index, description, target };
  }
  return null;
}

/** Allowed payload types of a stream of video; none when it cannot be taken. */
function formatsOf(media: Media, allowed: readonly PassedFormat[]): Map<number, string> {
  const formats = new Map<number, string>();
  const fits = media.type === 'video' && media.port > 0 && media.port < 65_536 && TAKEN.test(media.protocol);
  if (!fits) return formats;
  for (const payload of String(media.payloads ?? '')
    .split(' ')
    .map(Number)) {
    const format = formatOf(media, payload);
    if (format && (allowed.includes(format) || COMPANIONS.has(format.split('/')[0] as string)))
      formats.set(payload, format);
  }
  return [...formats.values()].some((format) => allowed.includes(format as PassedFormat)) ? formats : new Map();
}

/** The stream of video in our own offer, in each of the kinds that it can have; none when none is wanted or there is no port for it. */
export function offerVideo(
  { videoPort, videoSecurity }: LocalVideo,
  formats: readonly PassedFormat[],
  kinds: readonly OfferKind[],
): Partial<MediaDescription>[] {
  if (videoPort === undefined || formats.length === 0) return [];
  const numbered = payloadsOf(formats);
  return kinds
    .filter((kind) => kind === 'plain' || (kind === 'sdes' && videoSecurity))
    .map((kind) => ({
      type: 'video',
      port: videoPort,
      protocol: 'RTP/AVP',
      payloads: numbered.map(({ payload }) => payload).join(' '),
      rtp: numbered.map(mapOf),
      fmtp: [],
      direction: 'sendrecv',
      ...(kind === 'sdes' ? videoSecurity?.offer(kind) : {}),
    }));
}

/** True when the description offers video in a format that is allowed. */
export const wantsVideo = (session: SessionDescription, allowed: readonly PassedFormat[]): boolean =>
  allowed.length > 0 && session.media.some((media) => formatsOf(media, allowed).size > 0);
