/** What telephony reads in session descriptions (RFC 8866, RFC 3264); negotiation itself is the media server's. */
import { parse, write } from 'sdp-transform';

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
  const address = audio.connection?.ip ?? session.connection?.ip;
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

/**
 * The media server's offer made fit for a phone: one plain RTP audio stream that sends and receives (wire-protocols B6: a 3pcc
 * offer may hold a second, secure stream, and a hold of its own making).
 */
export function cleanOffer(sdp: string): string {
  const found = audioOf(sdp);
  if (!found) return sdp;
  const { session } = found;
  const plain =
    session.media.find((m) => m.type === 'audio' && m.protocol === 'RTP/AVP' && m.port !== 0) ?? found.audio;
  plain.direction = 'sendrecv';
  delete (session as { direction?: string }).direction;
  return write({ ...session, media: [plain] });
}
