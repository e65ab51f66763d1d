/** What telephony reads in session descriptions (RFC 8866, RFC 3264); negotiation itself is the media server's. */
import { parse, write } from 'sdp-transform';
import type { Protection } from './protection.ts';

type Media = ReturnType<typeof parse>['media'][number];

const audioOf = (sdp: string): { session: ReturnType<typeof parse>; audio: Media } | null => {
  try {
    const session = parse(sdp);
    const audio = session.media.find((m) => m.type === 'audio' && m.port !== 0);
    return audio ? { session, audio } : null;
  } catch {
    return null;
  }
};

/** True when the description offers or answers an audio stream. */
export const hasAudio = (sdp: string): boolean => sdp.startsWith('v=0') && audioOf(sdp) !== null;

/** The far end does not listen: sendonly, inactive, or the old connection address 0.0.0.0 (RFC 3264 §8.4). */
export function isHold(sdp: string): boolean {
  const found = audioOf(sdp);
  if (!found) return false;
  const { session, audio } = found;
  const direction = audio.direction ?? (session as { direction?: string }).direction;
  // with ICE the null address only says that candidates follow (RFC 8840 §4.1.1)
  const ice = audio.iceUfrag ?? session.iceUfrag;
  const address = ice === undefined ? (audio.connection?.ip ?? session.connection?.ip) : undefined;
  return direction === 'sendonly' || direction === 'inactive' || address === '0.0.0.0';
}

/** First codec of the audio stream, e.g. `PCMA/8000`; '' when there is none. */
export function codecOf(sdp: string): string {
  const found = audioOf(sdp);
  if (!found) return '';
  const payload = Number(String(found.audio.payloads ?? '').split(' ')[0]);
  const map = found.audio.rtp.find((rtp) => rtp.payload === payload);
  if (map) return `${map.codec}${map.rate ? `/${map.rate}` : ''}`;
  return ({ 0: 'PCMU/8000', 8: 'PCMA/8000', 9: 'G722/8000', 18: 'G729/8000' } as Record<number, string>)[payload] ?? '';
}

/** True when the description protects its audio: drachtio-fsmrf makes no channel from such a one, but changes one to it. */
export const isProtected = (sdp: string): boolean => /^m=audio\s+[1-9]\d*\s\S*SAVP/m.test(sdp);

const PROTOCOL: Readonly<Record<Protection, RegExp>> = {
  plain: /^RTP\/AVPF?$/,
  sdes: /^RTP\/SAVPF?$/,
  dtls: /^UDP\/TLS\/RTP\/SAVPF?$/,
};

/**
 * The media server's offer made fit for a phone: its one audio stream of that protection, which sends and receives (wire-protocols B6: a
 * 3pcc offer may hold several, and a hold of its own making).
 */
export function cleanOffer(sdp: string, protection: Protection = 'plain'): string {
  const found = audioOf(sdp);
  if (!found) return sdp;
  const { session } = found;
  const fits = (m: Media): boolean => m.type === 'audio' && m.port !== 0 && PROTOCOL[protection].test(m.protocol);
  const shown = session.media.find(fits) ?? found.audio;
  shown.direction = 'sendrecv';
  delete (session as { direction?: string }).direction;
  if (shown.iceUfrag === undefined) delete session.icelite;
  return write({ ...session, media: [shown] });
}
