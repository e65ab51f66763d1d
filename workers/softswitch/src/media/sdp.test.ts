import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerOffer, type LocalMedia, makeOffer, readAnswer } from './sdp.ts';

const local = (): LocalMedia => ({ address: '127.0.0.1', port: 20_000, sessionId: 1, version: 0 });

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
    ['encryption', offer(['m=audio 4000 RTP/SAVP 0'])],
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

  it('offers both codecs and events, and reads the answer with its own payload numbers', () => {
    const own = local();
    const ours = makeOffer(own);
    expect(ours).toMatch(/m=audio 20000 RTP\/AVP 0 8 101\r\n/);
    const answer = offer(['m=audio 4000 RTP/AVP 8 101', 'a=rtpmap:101 telephone-event/8000']);
    expect(readAnswer(answer, own)).toMatchObject({ codec: 'PCMA', keyPayload: 101, send: true });
  });

  it('an answer that is our own offer with recvonly sends nothing to ourselves', () => {
    const own = local();
    const echo = makeOffer(own).replace('t=0 0', 't=0 0\r\na=recvonly');
    expect(readAnswer(echo, own).send).toBe(false);
  });
});
