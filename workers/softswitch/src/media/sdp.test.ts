import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codecsOf } from './codec/coder.ts';
import { answerOffer, type LocalMedia, makeOffer, readAnswer } from './sdp.ts';
import { LegSecurity } from './secure/leg-security.ts';

const FINGERPRINT = { type: 'sha-256', hash: Array(32).fill('AB').join(':') };
const local = (): LocalMedia => ({
  address: '127.0.0.1',
  port: 20_000,
  sessionId: 1,
  version: 0,
  security: new LegSecurity('127.0.0.1', 20_000, FINGERPRINT),
});

function offer(lines: readonly string[], session: readonly string[] = []): string {
  return ['v=0', 'o=a 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...session, ...lines, ''].join(
    '\r\n',
  );
}

const AUDIO = ['m=audio 4000 RTP/AVP 18 8 0 96', 'a=rtpmap:18 G729/8000', 'a=rtpmap:96 telephone-event/8000'];

describe('SDP answers (RFC 3264)', () => {
  it('takes the first codec we have in the offer’s order, events with its payload number', () => {
    const { sdp, target } = answerOffer(offer(AUDIO), local());
    expect(sdp).toMatch(/m=audio 20000 RTP\/AVP 8 96\r\n/);
    expect(target).toMatchObject({
      codec: 'PCMA',
      keyPayload: 96,
      receivedKeyPayload: 96,
      address: '192.0.2.1',
      port: 4000,
    });
  });

  it('declines other streams in place, whatever their order', () => {
    const lines = [
      'm=video 5000 RTP/AVP 97',
      'a=rtpmap:97 H264/90000',
      ...AUDIO,
      'm=audio 6000 RTP/AVP 0',
      'm=image 7000 udptl t38',
    ];
    const { sdp } = answerOffer(offer(lines), local());
    const ports = [...sdp.matchAll(/^m=(\w+) (\d+)/gm)].map((match) => `${match[1]} ${match[2]}`);
    expect(ports).toEqual(['video 0', 'audio 20000', 'audio 0', 'image 0']);
  });

  it.each([
    ['sendrecv', 'sendrecv', true, true],
    ['sendonly', 'recvonly', false, true],
    ['recvonly', 'sendonly', true, false],
    ['inactive', 'inactive', false, false],
  ])('mirrors %s as %s', (theirs, ours, send, receive) => {
    const { sdp, target } = answerOffer(offer([...AUDIO, `a=${theirs}`]), local());
    expect(sdp).toContain(`a=${ours}\r\n`);
    expect(target).toMatchObject({ send, receive });
  });

  it('reads a direction of the session and the old hold by a null address', () => {
    expect(answerOffer(offer(AUDIO, ['a=inactive']), local()).target).toMatchObject({ send: false, receive: false });
    expect(answerOffer(offer([...AUDIO, 'c=IN IP4 0.0.0.0']), local()).target.send).toBe(false);
  });

  it.each([
    ['no codec of ours', offer(['m=audio 4000 RTP/AVP 18', 'a=rtpmap:18 G729/8000'])],
    ['encryption without keys', offer(['m=audio 4000 RTP/SAVP 0'])],
    ['audio switched off', offer(['m=audio 0 RTP/AVP 0'])],
    ['payload 0 that is something else', offer(['m=audio 4000 RTP/AVP 0', 'a=rtpmap:0 L16/8000'])],
    ['a port that does not exist', offer(['m=audio 70000 RTP/AVP 0'])],
    ['no audio', offer(['m=video 4000 RTP/AVP 97'])],
    ['no SDP at all', 'hello'],
    ['an endless one', `v=0\r\n${'a=x\r\n'.repeat(20_000)}`],
  ])('refuses %s', (_, text) => {
    expect(() => answerOffer(text, local())).toThrow(expect.objectContaining({ code: 'MED_SDP' }));
  });

  it.each(['host.example.org', '::1', '999.1.1.1'])(
    'a far end at %s is answered where its packets come from',
    (address) => {
      const text = offer(AUDIO).replaceAll('IN IP4 192.0.2.1', `IN IP4 ${address}`);
      expect(answerOffer(text, local()).target).toMatchObject({ address: '', port: 0, codec: 'PCMA' });
    },
  );

  it('damaged descriptions are refused or answered with ports that exist, nothing else', () => {
    const whole = offer([...AUDIO, 'm=video 5000 RTP/AVP 97', 'a=ptime:20', 'a=sendrecv']);
    const damage = fc.record({ at: fc.nat(whole.length - 1), cut: fc.nat(30), put: fc.string({ maxLength: 20 }) });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 6 }), (list) => {
        const text = list.reduce((sum, { at, cut, put }) => sum.slice(0, at) + put + sum.slice(at + cut), whole);
        try {
          const { port } = answerOffer(text, local()).target;
          expect(port).toBeGreaterThanOrEqual(0);
          expect(port).toBeLessThan(65_536);
        } catch (error) {
          expect(error).toMatchObject({ code: 'MED_SDP' });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('offers every codec and events, and reads the answer with its own payload numbers', () => {
    const own = local();
    const ours = makeOffer(own);
    expect(ours).toMatch(/m=audio 20000 RTP\/AVP 0 8 9 111 101\r\n/);
    const answer = offer(['m=audio 4000 RTP/AVP 8 101', 'a=rtpmap:101 telephone-event/8000']);
    expect(readAnswer(answer, own).target).toMatchObject({ codec: 'PCMA', keyPayload: 101, send: true });
  });

  it('an answer that is our own offer with recvonly sends nothing to ourselves', () => {
    const own = local();
    const echo = makeOffer(own).replace('t=0 0', 't=0 0\r\na=recvonly');
    expect(readAnswer(echo, own).target.send).toBe(false);
  });
});

const KEY = `inline:${Buffer.alloc(30, 7).toString('base64')}`;
const savp = (...crypto: string[]) => offer(['m=audio 4000 RTP/SAVP 8', ...crypto.map((line) => `a=crypto:${line}`)]);
const REMOTE = `a=fingerprint:sha-256 ${Array(32).fill('CD').join(':')}`;
const webrtc = (...lines: string[]) =>
  offer(['m=audio 9 UDP/TLS/RTP/SAVPF 111 9 0 110 126', 'c=IN IP4 0.0.0.0', 'a=rtpmap:111 opus/48000/2', ...lines]);
const BROWSER = ['a=ice-ufrag:abcd', 'a=ice-pwd:0123456789abcdefghijkl', 'a=rtcp-mux', 'a=mid:audio', REMOTE];
const ufrag = (sdp: string) => /a=ice-ufrag:(\S+)/.exec(sdp)?.[1];
const setup = (sdp: string) => /a=setup:(\w+)/.exec(sdp)?.[1];

describe('protected streams in SDP', () => {
  it('RFC 4568: takes the first line it can use, answers with its tag and a key of its own', () => {
    const text = savp(
      `1 AEAD_AES_256_GCM ${KEY}`,
      `2 AES_CM_128_HMAC_SHA1_80 ${KEY}|2^31|1:1`,
      `3 AES_CM_128_HMAC_SHA1_80 ${KEY} UNENCRYPTED_SRTP`,
      `4 AES_CM_128_HMAC_SHA1_32 ${KEY}|2^20`,
    );
    const { sdp, target } = answerOffer(text, local());
    expect(sdp).toMatch(/m=audio 20000 RTP\/SAVP 8\r\n/);
    const own = /a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:(\S{40})\r\n/.exec(sdp)?.[1];
    expect(own).toBeDefined();
    expect(own).not.toBe(KEY.slice(7));
    const { security } = target.terms;
    expect(security).toMatchObject({ kind: 'sdes', profile: 'AES_CM_128_HMAC_SHA1_32' });
    if (security?.kind !== 'sdes') throw new Error('unreachable');
    expect(Buffer.concat([security.receive.key, security.receive.salt])).toEqual(Buffer.alloc(30, 7));
    expect(Buffer.concat([security.send.key, security.send.salt]).toString('base64')).toBe(own);
  });

  it('keeps its key over a re-INVITE, so that the far end need not change what it hears with', () => {
    const media = local();
    const key = (sdp: string) => /inline:(\S+)/.exec(sdp)![1];
    const offered = makeOffer(media, ['sdes']);
    const answered = answerOffer(savp(`1 AES_CM_128_HMAC_SHA1_80 ${KEY}`), media).sdp;
    expect(key(answered)).toBe(key(offered));
  });

  it.each([
    ['no line it can use', savp(`1 AES_256_CM_HMAC_SHA1_80 ${KEY}`)],
    ['a key too short', savp('1 AES_CM_128_HMAC_SHA1_80 inline:AAAA')],
    ['a weak fingerprint', webrtc(...BROWSER.slice(0, 4), `a=fingerprint:sha-1 ${Array(20).fill('CD').join(':')}`)],
    ['no fingerprint', webrtc(...BROWSER.slice(0, 4))],
  ])('%s: refused, never answered in clear', (_, text) => {
    expect(() => answerOffer(text, local())).toThrow(expect.objectContaining({ code: 'MED_SDP' }));
  });

  it('a stream of each kind: the first that fits is taken, the others declined', () => {
    const both = `${savp(`1 AES_CM_128_HMAC_SHA1_80 ${KEY}`)}m=audio 4000 RTP/AVP 8\r\n`;
    expect(answerOffer(both, local()).sdp).toMatch(/m=audio 20000 RTP\/SAVP[\s\S]*m=audio 0 RTP\/AVP/);
    const unknown = `${savp('1 OTHER inline:AAAA')}m=audio 4000 RTP/AVP 8\r\n`;
    expect(answerOffer(unknown, local()).sdp).toMatch(/m=audio 0 RTP\/SAVP[\s\S]*m=audio 20000 RTP\/AVP/);
  });

  it('answers a browser: ICE lite, one port, bundle, its codec; the null address is no hold', () => {
    const text = webrtc(...BROWSER, 'a=setup:actpass').replace('t=0 0', 't=0 0\r\na=group:BUNDLE audio video');
    const { sdp, target } = answerOffer(text, local());
    for (const line of ['a=ice-lite', 'a=group:BUNDLE audio', 'a=rtcp-mux', 'a=mid:audio', 'a=setup:active']) {
      expect(sdp).toContain(`${line}\r\n`);
    }
    expect(sdp).toMatch(/a=candidate:1 1 UDP \d+ 127.0.0.1 20000 typ host/);
    expect(target).toMatchObject({ codec: 'opus', payload: 111, send: true, receive: true, address: '', port: 0 });
    expect(target.terms).toMatchObject({ rtcpMux: true, ice: { localUfrag: ufrag(sdp), remoteUfrag: 'abcd' } });
  });

  it.each([
    ['active', 'passive'],
    ['passive', 'active'],
    ['actpass', 'active'],
    ['holdconn', 'passive'],
  ])('setup:%s is answered by %s', (theirs, ours) => {
    expect(setup(answerOffer(webrtc(...BROWSER, `a=setup:${theirs}`), local()).sdp)).toBe(ours);
  });

  it('an association that stands keeps its roles; an ICE restart of theirs is one of ours', () => {
    const media = local();
    const first = answerOffer(webrtc(...BROWSER, 'a=setup:active'), media).sdp;
    const again = answerOffer(webrtc(...BROWSER, 'a=setup:actpass'), media).sdp;
    expect([setup(first), setup(again)]).toEqual(['passive', 'passive']);
    expect(ufrag(again)).toBe(ufrag(first));
    const restarted = webrtc(...BROWSER, 'a=setup:actpass').replace('ufrag:abcd', 'ufrag:efgh');
    expect(ufrag(answerOffer(restarted, media).sdp)).not.toBe(ufrag(first));
  });

  it('an answer to our offer fits it: same names, and our own echo before it changes nothing', () => {
    const media = local();
    const ours = makeOffer(media, ['dtls', 'sdes', 'plain']);
    expect([...ours.matchAll(/^m=audio 20000 (\S+)/gm)].map((match) => match[1])).toEqual([
      'UDP/TLS/RTP/SAVPF',
      'RTP/SAVP',
      'RTP/AVP',
    ]);
    expect(readAnswer(ours.replace('t=0 0', 't=0 0\r\na=recvonly'), media).target).toMatchObject({ send: false });
    const { sdp, target } = answerOffer(webrtc(...BROWSER, 'a=setup:active'), media);
    expect(ufrag(sdp)).toBe(ufrag(ours));
    expect(target.terms.security).toMatchObject({ kind: 'dtls', role: 'server' });
  });

  it('ICE without one port for both is left out: our only candidate is for both', () => {
    const { sdp } = answerOffer(webrtc(...BROWSER.filter((line) => line !== 'a=rtcp-mux'), 'a=setup:actpass'), local());
    expect(sdp).not.toContain('a=ice');
  });
});

describe('codecs in SDP', () => {
  const all = [
    'm=audio 4000 RTP/AVP 96 9 8 101 102',
    'a=rtpmap:96 OPUS/48000/2',
    'a=rtpmap:101 telephone-event/8000',
    'a=rtpmap:102 telephone-event/48000',
  ];

  it('events have the clock of the codec where they are offered so (RFC 4733 §2.2)', () => {
    expect(answerOffer(offer(all), local()).target).toMatchObject({ codec: 'opus', keyPayload: 102, keyRate: 48_000 });
    const without = all.filter((line) => !line.includes(':102'));
    expect(answerOffer(offer(without), local()).target).toMatchObject({ keyPayload: 101, keyRate: 8000 });
    expect(answerOffer(offer(all), local(), codecsOf(new Map([['codec_string', 'G722,PCMA']]))).target).toMatchObject({
      codec: 'G722',
      keyPayload: 101,
    });
  });

  it('codec_string and absolute_codec_string name what may be used; what we have no coder for may be passed on', () => {
    const given = (name: string, value: string) => codecsOf(new Map([[name, value]]));
    expect(given('codec_string', 'G722@16000h@20i, pcma,G729,AMR-WB@16000h@20i,H264, vp8@90000h')).toEqual({
      own: ['G722', 'PCMA'],
      passedAudio: ['g729/8000', 'amr-wb/16000'],
      passedVideo: ['h264/90000', 'vp8/90000'],
    });
    expect(given('absolute_codec_string', 'OPUS@48000h').own).toEqual(['opus']);
    expect(codecsOf(new Map()).own).toHaveLength(4);
    expect(() => answerOffer(offer(all), local(), given('codec_string', 'G729'))).toThrow();
  });
});

describe('formats that are passed on', () => {
  const allowed = (list: string) => codecsOf(new Map([['codec_string', list]]));
  const lines = [
    'm=audio 4000 RTP/AVP 18 107 8 101',
    'a=rtpmap:18 G729/8000',
    'a=fmtp:18 annexb=no',
    'a=rtpmap:107 AMR-WB/16000',
    'a=fmtp:107 octet-align=1',
    'a=rtpmap:101 telephone-event/8000',
    'm=video 5000 RTP/AVP 99 98 97',
    'a=rtpmap:99 H264/90000',
    'a=fmtp:99 profile-level-id=42e01f',
    'a=rtcp-fb:99 nack pli',
    'a=rtpmap:98 rtx/90000',
    'a=fmtp:98 apt=99',
    'a=rtpmap:97 VP8/90000',
  ];

  it('are answered in the words of the offer, with its events', () => {
    const { sdp, target } = answerOffer(offer(lines), local(), allowed('AMR-WB@16000h'));
    expect(sdp).toMatch(/m=audio 20000 RTP\/AVP 107 101\r\n/);
    expect(sdp).toContain('a=fmtp:107 octet-align=1\r\n');
    expect(sdp).toContain('m=video 0 ');
    expect(target).toMatchObject({ codec: 'amr-wb/16000', payload: 107, receivedPayload: 107, keyPayload: 101 });
  });

  it('need no rtpmap where their payload type is static', () => {
    const bare = offer(['m=audio 4000 RTP/AVP 18']);
    expect(answerOffer(bare, local(), allowed('G729')).target).toMatchObject({ codec: 'g729/8000', payload: 18 });
  });

  it('video is taken with what belongs to it, on a port of its own', () => {
    const { sdp, video } = answerOffer(offer(lines), { ...local(), videoPort: 20_002 }, allowed('PCMA,H264'));
    expect(sdp).toMatch(/m=audio 20000 RTP\/AVP 8 101\r\n/);
    expect(sdp).toMatch(/m=video 20002 RTP\/AVP 99 98\r\n/);
    expect(sdp).toContain('a=rtcp-fb:99 nack pli\r\n');
    expect(sdp).not.toContain('VP8');
    expect([...video!.formats]).toEqual([
      [99, 'h264/90000'],
      [98, 'rtx/90000'],
    ]);
    expect(video).toMatchObject({ address: '192.0.2.1', port: 5000, send: true, receive: true });
  });

  it.each([
    ['without a port', {}, 'PCMA,H264', []],
    ['in a format that is not allowed', { videoPort: 20_002 }, 'PCMA,VP9', []],
    ['protected without keys', { videoPort: 20_002 }, 'PCMA,H264', ['m=video 5000 RTP/SAVP 99']],
  ])('video is declined %s', (_, more, list, replaced) => {
    const text = offer(lines.map((line) => (line.startsWith('m=video') ? (replaced[0] ?? line) : line)));
    const answer = answerOffer(text, { ...local(), ...more }, allowed(list));
    expect(answer.video).toBeNull();
    expect(answer.sdp).toContain('m=video 0 ');
  });

  it('video protected by keys in SDP is taken with keys of its own, and offered so beside the plain one', () => {
    const key = `inline:${Buffer.alloc(30, 7).toString('base64')}`;
    const text = offer([
      'm=audio 4000 RTP/SAVP 8',
      `a=crypto:1 AES_CM_128_HMAC_SHA1_80 ${key}`,
      'm=video 5000 RTP/SAVP 99',
      'a=rtpmap:99 H264/90000',
      `a=crypto:3 AES_CM_128_HMAC_SHA1_80 ${key}`,
    ]);
    const own = { ...local(), videoPort: 20_002, videoSecurity: new LegSecurity('127.0.0.1', 20_002, null) };
    const { sdp, video } = answerOffer(text, own, allowed('PCMA,H264'));
    expect(sdp).toMatch(/m=video 20002 RTP\/SAVP 99\r\n/);
    const keys = [...sdp.matchAll(/a=crypto:(\d) \S+ (\S+)/g)].map(([, tag, ours]) => [tag, ours]);
    expect(keys.map(([tag]) => tag)).toEqual(['1', '3']);
    expect(keys[0]![1]).not.toBe(keys[1]![1]);
    expect(video?.security).toMatchObject({ kind: 'sdes', profile: 'AES_CM_128_HMAC_SHA1_80' });
    const ours = makeOffer(own, ['sdes', 'plain'], allowed('PCMA,H264'));
    expect(ours.match(/m=video 20002 \S+/g)).toEqual(['m=video 20002 RTP/SAVP', 'm=video 20002 RTP/AVP']);
  });

  it('are offered beside ours, video with its own stream', () => {
    const own = { ...local(), videoPort: 20_002 };
    const ours = makeOffer(own, ['plain'], allowed('PCMA,G729,iLBC,H264'));
    expect(ours).toMatch(/m=audio 20000 RTP\/AVP 8 18 112 101\r\n/);
    expect(ours).toContain('a=rtpmap:112 ILBC/8000\r\n');
    expect(ours).toMatch(/m=video 20002 RTP\/AVP 112\r\na=rtpmap:112 H264\/90000/);
    const echo = ours.replace('t=0 0', 't=0 0\r\na=recvonly');
    expect(readAnswer(echo, own, allowed('G729')).video).toBeNull();
  });
});
