import { expect, it } from 'vitest';
import { cleanOffer } from '../sip/sdp.ts';
import { trunkOffer, trunkProtections } from './trunk-offer.ts';

const WHOLE = [
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.1',
  's=-',
  'c=IN IP4 192.0.2.1',
  't=0 0',
  'm=audio 4002 RTP/SAVP 0 8 101',
  'a=rtpmap:101 telephone-event/8000',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj',
  'm=audio 4000 RTP/AVP 0 8 101',
  'a=rtpmap:101 telephone-event/8000',
  '',
].join('\r\n');
const OFFERS = { sdes: cleanOffer(WHOLE, 'sdes'), plain: cleanOffer(WHOLE) };
const ANY = { codecs: [], codecs_forced: false };
const TLS = { uri: 'sip:1@carrier.example;transport=tls', proxy: 'sip:192.0.2.9:5061;transport=tls' };
const UDP = { uri: 'sip:1@carrier.example', proxy: 'sip:192.0.2.9:5060' };
const streams = (sdp = ''): string[] => sdp.split('\r\n').filter((line) => line.startsWith('m='));

it('offers keys over TLS first, plain sound where they are not taken', () => {
  const { offerOf, secondOffer } = trunkOffer(ANY, TLS, OFFERS);
  expect(streams(offerOf(OFFERS.plain))).toEqual(['m=audio 4002 RTP/SAVP 0 8 101']);
  expect(offerOf(OFFERS.plain)).toContain('a=crypto:1');
  expect(streams(secondOffer)).toEqual(['m=audio 4000 RTP/AVP 0 8 101']);
  expect(secondOffer).not.toContain('a=crypto');
});

it('never shows keys where everybody on the way can read them', () => {
  const { offerOf, secondOffer } = trunkOffer(ANY, UDP, OFFERS);
  expect(streams(offerOf(OFFERS.plain))).toEqual(['m=audio 4000 RTP/AVP 0 8 101']);
  expect(offerOf(OFFERS.plain)).not.toContain('a=crypto');
  expect(secondOffer).toBeUndefined();
});

it('keeps both offers to the trunk’s codecs', () => {
  const { offerOf, secondOffer } = trunkOffer({ codecs: ['PCMA'], codecs_forced: true }, TLS, OFFERS);
  expect(streams(offerOf(OFFERS.plain))).toEqual(['m=audio 4002 RTP/SAVP 8 101']);
  expect(streams(secondOffer)).toEqual(['m=audio 4000 RTP/AVP 8 101']);
});

it('offers plain sound once to a trunk on TLS when the media server has nothing else', () => {
  const { offerOf, secondOffer } = trunkOffer(ANY, TLS, { sdes: OFFERS.plain, plain: OFFERS.plain });
  expect(streams(offerOf(OFFERS.plain))).toEqual(['m=audio 4000 RTP/AVP 0 8 101']);
  expect(secondOffer).toBeUndefined();
});

it('asks the media server for keys only when a trunk can hide them', () => {
  expect(trunkProtections([{ transport: 'udp' }, { transport: 'tls' }])).toEqual(['sdes']);
  expect(trunkProtections([{ transport: 'udp' }, { transport: 'tcp' }])).toEqual(['plain']);
  expect(trunkProtections([])).toEqual(['plain']);
});
