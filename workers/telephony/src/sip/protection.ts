/** How the sound of an outbound leg is protected: as its signalling is. Keys in SDP are worth what hides the SDP (RFC 4568 §8.3). */
import { parseSipUri } from './headers.ts';

/** Plain RTP, SRTP with keys in SDP (RFC 4568), or DTLS-SRTP with ICE, as browsers have it (RFC 8827). */
export type Protection = 'plain' | 'sdes' | 'dtls';

/** Of the place an INVITE goes to: `sip:` URI of the next hop, or the request's own. */
export function protectionOf({ uri, proxy }: { readonly uri: string; readonly proxy: string | null }): Protection {
  const hop = parseSipUri(proxy ?? uri);
  const transport = (hop?.params.transport ?? '').toLowerCase();
  if (transport === 'ws' || transport === 'wss') return 'dtls';
  return transport === 'tls' || hop?.scheme === 'sips' ? 'sdes' : 'plain';
}

/**
 * Headers by which the media server's dialplan knows what to offer (wire-protocols B5): plain RTP is always among it, as a phone that
 * signals over TLS need not protect its sound.
 */
export function offerHeaders(kinds: readonly Protection[]): Record<string, string> {
  return {
    ...(kinds.includes('sdes') ? { 'X-Secure-RTP': 'optional' } : {}),
    ...(kinds.includes('dtls') ? { 'X-WebRTC-Media': 'true' } : {}),
  };
}
