import { expect, it } from 'vitest';
import { offerOf } from './codecs.ts';

const OFFER = [
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.1',
  's=-',
  't=0 0',
  'm=audio 4000 RTP/AVP 0 8 96 101',
  'a=rtpmap:96 opus/48000/2',
  'a=fmtp:96 useinbandfec=1',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'm=video 0 RTP/AVP 31',
  '',
].join('\r\n');
const mediaLine = (sdp: string | null): string | undefined =>
  sdp?.split('\r\n').find((line) => line.startsWith('m=audio'));

it('puts the preferred first and keeps the rest', () => {
  expect(mediaLine(offerOf(OFFER, ['opus', 'PCMA'], false))).toBe('m=audio 4000 RTP/AVP 96 8 0 101');
});
it('leaves nothing but the forced and the keys', () => {
  const offer = offerOf(OFFER, ['PCMA'], true);
  expect(mediaLine(offer)).toBe('m=audio 4000 RTP/AVP 8 101');
  expect(offer).not.toContain(':96');
  expect(offer).toContain('a=rtpmap:101');
  expect(offer).toContain('m=video 0');
});
it('leaves no video but the forced', () => {
  const offer = [...OFFER.split('\r\n').slice(0, -2), 'm=video 4002 RTP/AVP 99', 'a=rtpmap:99 H264/90000', ''].join(
    '\r\n',
  );
  expect(offerOf(offer, ['PCMA', 'H264'], true)).toContain('m=video 4002 RTP/AVP 99');
  expect(offerOf(offer, ['PCMA', 'VP8'], true)).toContain('m=video 0 RTP/AVP 99');
  expect(offerOf(offer, ['PCMA'], false)).toContain('m=video 4002 RTP/AVP 99');
});
it('offers what there is when nothing preferred is there, and nothing when it is forced', () => {
  expect(offerOf(OFFER, ['G729'], false)).toBe(OFFER);
  expect(offerOf(OFFER, ['G729'], true)).toBeNull();
  expect(offerOf(OFFER, [], true)).toBe(OFFER);
  expect(offerOf('v=0\r\n', ['PCMA'], true)).toBeNull();
});
