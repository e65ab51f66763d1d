import { describe, expect, it } from 'vitest';
import {
  agreedOffer,
  askingVideo,
  codecString,
  extendOffer,
  hasVideo,
  narrowOffer,
  ownVideoOf,
  passableOf,
  renewOffer,
  voiceOf,
  withoutVideo,
  withParametersOf,
  withVideo,
} from './passing.ts';

const sdp = (...lines: readonly string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join('\r\n');
const CALLER = sdp(
  'm=audio 4000 RTP/AVP 18 111 8 101 102',
  'a=rtpmap:111 iLBC/8000',
  'a=fmtp:111 mode=20',
  'a=rtpmap:101 telephone-event/8000',
  'a=rtpmap:102 telephone-event/16000',
  'm=video 4002 RTP/AVP 99 98 97',
  'a=rtpmap:99 H264/90000',
  'a=fmtp:99 packetization-mode=1',
  'a=rtpmap:98 rtx/90000',
  'a=fmtp:98 apt=99',
  'a=rtpmap:97 VP8/90000',
);
const SERVER = sdp(
  'm=audio 20000 RTP/AVP 0 8 111 101',
  'a=rtpmap:111 opus/48000/2',
  'a=rtpmap:101 telephone-event/8000',
  'm=video 20002 RTP/AVP 112',
  'a=rtpmap:112 H264/90000',
);
const line = (text: string, kind: string): string => new RegExp(`^m=${kind} .*$`, 'm').exec(text)?.[0] ?? '';
const FORMATS = passableOf(CALLER)!;

describe('what may be passed on', () => {
  it('is every voice that is not ours, and pictures', () => {
    expect(FORMATS).toEqual({ own: true, audio: ['g729/8000', 'ilbc/8000'], video: ['h264/90000', 'vp8/90000'] });
    expect(codecString(FORMATS)).toBe('PCMU,PCMA,G722,opus,G729@8000h,ILBC@8000h,H264@90000h,VP8@90000h');
  });
  it.each([
    ['ours alone', sdp('m=audio 4000 RTP/AVP 0 8 101', 'a=rtpmap:101 telephone-event/8000')],
    ['comfort noise', sdp('m=audio 4000 RTP/AVP 8 13')],
    ['video that is off, or protected', sdp('m=audio 4000 RTP/AVP 8', 'm=video 0 RTP/AVP 99', 'm=video 4 RTP/SAVP 31')],
    ['no SDP', 'hello'],
    ['noise', 'v=0\r\nm=audio'],
  ])('is nothing in %s', (_, text) => {
    expect(passableOf(text)).toBeNull();
  });
  it('tells the voice that is spoken: the first', () => {
    expect(voiceOf(CALLER)).toBe('g729/8000');
    expect(voiceOf(sdp('m=audio 4000 RTP/AVP 101 8', 'a=rtpmap:101 telephone-event/8000'))).toBe('pcma/8000');
    expect(voiceOf('')).toBe('');
  });
});

describe('the offer to a called party', () => {
  it('has ours first, then the caller’s in his words, under numbers that nobody has', () => {
    const offer = extendOffer(SERVER, SERVER, CALLER, FORMATS);
    expect(line(offer, 'audio')).toBe('m=audio 20000 RTP/AVP 0 8 111 18 96 102 101');
    expect(offer).toContain('a=rtpmap:96 iLBC/8000');
    expect(offer).toContain('a=fmtp:96 mode=20');
    expect(line(offer, 'video')).toBe('m=video 20002 RTP/AVP 99 98 97');
    expect(offer).toContain('a=fmtp:98 apt=99');
  });
  it('has nothing of ours where the caller has nothing of ours', () => {
    const offer = extendOffer(SERVER, SERVER, CALLER, { ...FORMATS, own: false, video: [] });
    expect(line(offer, 'audio')).toBe('m=audio 20000 RTP/AVP 18 111 102 101');
    expect(line(offer, 'video')).toBe('');
  });
});

describe('video of a protected party', () => {
  const CRYPTO = 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:QUFB';
  const secure = sdp(
    'm=audio 20000 RTP/SAVP 8',
    CRYPTO,
    'm=audio 20000 RTP/AVP 8',
    'm=video 20002 RTP/SAVP 112',
    'a=rtpmap:112 H264/90000',
    'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:QkJC',
    'm=video 20002 RTP/AVP 112',
    'a=rtpmap:112 H264/90000',
  );
  const clean = sdp('m=audio 20000 RTP/SAVP 8', CRYPTO);

  it('is offered as protected as the sound, with keys of its own', () => {
    const offer = extendOffer(clean, secure, CALLER, FORMATS);
    expect(line(offer, 'video')).toBe('m=video 20002 RTP/SAVP 99 98 97');
    expect(offer.match(/inline:\S+/g)).toEqual(['inline:QUFB', 'inline:QkJC']);
    const plain = extendOffer(sdp('m=audio 20000 RTP/AVP 8'), secure, CALLER, FORMATS);
    expect(line(plain, 'video')).toBe('m=video 20002 RTP/AVP 99 98 97');
    expect(plain).not.toContain('crypto');
    const dtls = extendOffer(sdp('m=audio 20000 UDP/TLS/RTP/SAVPF 8'), secure, CALLER, FORMATS);
    expect(line(dtls, 'video')).toBe('');
  });

  it('that comes later is asked for in the same protection', () => {
    const asking = askingVideo(clean, CALLER, () => 'Q0ND')!;
    expect(line(asking, 'video')).toBe('m=video 9 RTP/SAVP 99 98 97');
    expect(asking).toContain('inline:Q0ND');
    const own = ownVideoOf(secure)!;
    const offer = withVideo(clean, CALLER, own, 'sendrecv');
    expect(line(offer, 'video')).toBe('m=video 20002 RTP/SAVP 99 98 97');
    expect(offer).toContain('inline:QkJC');
    const answered = offer.replace('m=video 20002', 'm=video 0');
    expect(line(agreedOffer(offer, answered), 'video')).toMatch(/^m=video 0 /);
    expect(hasVideo(withoutVideo(offer))).toBe(false);
    expect(askingVideo(sdp('m=audio 1 UDP/TLS/RTP/SAVPF 8'), CALLER, () => '')).toBeNull();
  });
});

describe('the answer to a caller', () => {
  it('is in what the called party speaks, keys with it', () => {
    const answer = sdp(
      'm=audio 9 RTP/AVP 96 101',
      'a=rtpmap:96 ILBC/8000',
      'm=video 9 RTP/AVP 120',
      'a=rtpmap:120 VP8/90000',
    );
    const common = narrowOffer(CALLER, answer)!;
    expect(common).toMatchObject({ voice: 'ilbc/8000', video: ['vp8/90000'] });
    expect(line(common.offer, 'audio')).toBe('m=audio 4000 RTP/AVP 111 101 102');
    expect(line(common.offer, 'video')).toBe('m=video 4002 RTP/AVP 97');
  });
  it('is ours alone where nobody has answered, or the called party speaks ours', () => {
    for (const answer of [null, sdp('m=audio 9 RTP/AVP 0')]) {
      const common = narrowOffer(CALLER, answer)!;
      expect(common).toMatchObject({ voice: null, video: [] });
      expect(line(common.offer, 'audio')).toBe('m=audio 4000 RTP/AVP 8 101 102');
      expect(line(common.offer, 'video')).toMatch(/^m=video 0 /);
    }
  });
  it('is none where nothing is left', () => {
    expect(narrowOffer(sdp('m=audio 4000 RTP/AVP 18'), null)).toBeNull();
    expect(narrowOffer(CALLER, sdp('m=audio 9 RTP/AVP 107', 'a=rtpmap:107 AMR-WB/16000'))).toBeNull();
    expect(narrowOffer('hello', null)).toBeNull();
  });
  it('tells the called party’s limits in place of the caller’s own', () => {
    const called = sdp('m=audio 9 RTP/AVP 96', 'a=rtpmap:96 iLBC/8000', 'a=fmtp:96 mode=30');
    const ours = sdp(
      'm=audio 20000 RTP/AVP 111 101',
      'a=rtpmap:111 iLBC/8000',
      'a=fmtp:111 mode=20',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
    );
    const told = withParametersOf(ours, called);
    expect(told).toContain('a=fmtp:111 mode=30');
    expect(told).not.toContain('mode=20');
    expect(told).toContain('a=fmtp:101 0-15');
  });
});

describe('the offer to somebody who talks already', () => {
  const local = sdp(
    'm=audio 20000 RTP/AVP 8 101',
    'a=rtpmap:101 telephone-event/8000',
    'a=recvonly',
    'm=video 0 RTP/AVP 99',
  );
  it('changes nothing but the voice, and is newer', () => {
    const offer = renewOffer(local, CALLER, (format) => format === 'ilbc/8000')!;
    expect(line(offer, 'audio')).toBe('m=audio 20000 RTP/AVP 111 101 102');
    expect(line(offer, 'video')).toMatch(/^m=video 0 /);
    expect(offer).toContain('o=- 1 2 IN');
    expect(offer).toContain('a=sendrecv');
  });
  it('is none for a voice that is not there', () => {
    expect(renewOffer(local, CALLER, (format) => format === 'opus/48000')).toBeNull();
  });
});
