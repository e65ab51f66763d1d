import { describe, expect, it } from 'vitest';
import { cleanOffer, codecOf, hasAudio, isHold, isProtected } from './sdp.ts';

const sdp = (lines: string[], connection = '192.0.2.1'): string =>
  ['v=0', 'o=- 17 3 IN IP4 192.0.2.1', 's=-', `c=IN IP4 ${connection}`, 't=0 0', ...lines, ''].join('\r\n');
const audio = 'm=audio 4000 RTP/AVP 8 0 101';

describe('session descriptions', () => {
  it('knows holds of every age', () => {
    expect(isHold(sdp([audio, 'a=sendrecv']))).toBe(false);
    expect(isHold(sdp([audio]))).toBe(false);
    expect(isHold(sdp([audio, 'a=sendonly']))).toBe(true);
    expect(isHold(sdp([audio, 'a=inactive']))).toBe(true);
    expect(isHold(sdp(['a=sendonly', audio]))).toBe(true);
    expect(isHold(sdp([audio], '0.0.0.0'))).toBe(true);
    expect(isHold(sdp([audio, 'a=recvonly']))).toBe(false);
    expect(isHold('garbage')).toBe(false);
  });

  it('names the first codec, static or mapped', () => {
    expect(codecOf(sdp([audio]))).toBe('PCMA/8000');
    expect(codecOf(sdp(['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 opus/48000/2']))).toBe('opus/48000');
    expect(codecOf(sdp(['m=video 4000 RTP/AVP 96']))).toBe('');
  });

  it('sees whether there is audio', () => {
    expect(hasAudio(sdp([audio]))).toBe(true);
    expect(hasAudio(sdp(['m=audio 0 RTP/AVP 8']))).toBe(false);
    expect(hasAudio('')).toBe(false);
    expect(hasAudio('v=0 nonsense')).toBe(false);
  });

  it('offers one plain stream that sends and receives', () => {
    const offer = cleanOffer(
      sdp(['m=audio 5000 RTP/SAVP 0', 'a=recvonly', 'm=audio 4000 RTP/AVP 8 101', 'a=recvonly']),
    );
    expect(offer.match(/^m=/gm)).toHaveLength(1);
    expect(offer).toContain('m=audio 4000 RTP/AVP 8 101');
    expect(offer).toContain('a=sendrecv');
    expect(offer).not.toContain('recvonly');
  });

  it('shows a phone the one stream of its protection, and ICE only with the stream that has it', () => {
    const all = sdp([
      'a=ice-lite',
      'm=audio 4000 UDP/TLS/RTP/SAVPF 0',
      'a=ice-ufrag:abcd',
      'a=ice-pwd:0123456789012345678901',
      'm=audio 4000 RTP/SAVP 0',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA',
      'm=audio 4000 RTP/AVP 0',
    ]);
    const kinds = { plain: 'RTP/AVP', sdes: 'RTP/SAVP', dtls: 'UDP/TLS/RTP/SAVPF' } as const;
    for (const [kind, protocol] of Object.entries(kinds)) {
      const shown = cleanOffer(all, kind as keyof typeof kinds);
      expect(shown.match(/^m=.*/gm)).toEqual([`m=audio 4000 ${protocol} 0`]);
      expect(shown.includes('ice')).toBe(kind === 'dtls');
      expect(isProtected(shown)).toBe(kind !== 'plain');
    }
  });

  it('the null address of a browser that gathers candidates is no hold', () => {
    expect(isHold(sdp([audio, 'a=ice-ufrag:abcd', 'a=ice-pwd:0123456789012345678901'], '0.0.0.0'))).toBe(false);
  });
});
