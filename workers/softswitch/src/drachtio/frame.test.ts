import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerValue, isRequest } from '../sip/index.ts';
import { contactValue, parseAppText, passedHeaders, withOwnHost } from './app-text.ts';
import { frameReader, writeFrame } from './frame.ts';
import { metricsText } from './metrics.ts';

describe('A1 framing', () => {
  it('gives the same frames however the bytes are cut', () => {
    const payloads = ['a|ping', '', 'é|☎', 'x'.repeat(13_000), '12#34'];
    const stream = Buffer.concat(payloads.map((text) => Buffer.from(`${Buffer.byteLength(text)}#${text}`)));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 20 }), (cuts) => {
        const got: string[] = [];
        const reader = frameReader(
          (payload) => got.push(payload.toString()),
          () => expect.unreachable(),
        );
        let from = 0;
        for (const cut of [...cuts.toSorted((a, b) => a - b), stream.length]) {
          reader.push(stream.subarray(from, cut));
          from = cut;
        }
        expect(got).toEqual(payloads);
      }),
    );
  });

  it.each(['#x', 'a#', '12a#', '123456#', '-1#'])('ends on %j, once', (text) => {
    let broken = 0;
    const reader = frameReader(
      () => expect.unreachable(),
      () => broken++,
    );
    for (const character of text) reader.push(Buffer.from(character));
    reader.push(Buffer.from('1#a'));
    expect(broken).toBe(1);
  });

  it('writes the length of line, break and message', () => {
    expect(writeFrame('a|b').toString()).toBe('3#a|b');
    expect(writeFrame('a|b', Buffer.from('SIP')).toString()).toBe('8#a|b\r\nSIP');
  });
});

describe('text of applications', () => {
  const own = { host: '192.0.2.1', port: 5070, portOf: (protocol: string) => (protocol === 'ws' ? 5066 : 5070) };
  const udp = { protocol: 'udp', address: '192.0.2.9', port: 5060 } as const;

  it('takes the body as it stands, whatever Content-Length says', () => {
    const message = parseAppText(
      Buffer.from('MESSAGE sip:a@b SIP/2.0\r\ncontent-length: 2\r\nContent-Type: text/plain\r\n\r\nhällo'),
    )!;
    expect(isRequest(message)).toBe(true);
    expect(message.body.toString()).toBe('hällo');
    expect(headerValue(message, 'content-length')).toBeUndefined();
  });

  it('replaces localhost and nothing else', () => {
    expect(withOwnHost('"localhost" <sip:a@localhost>;tag=1', own)).toBe('"localhost" <sip:a@192.0.2.1>;tag=1');
    expect(withOwnHost('<sip:a@localhost.example>', own)).toBe('<sip:a@localhost.example>');
    expect(contactValue('sip:a@localhost', own, udp)).toBe('<sip:a@192.0.2.1:5070>');
    expect(contactValue('"A" <sip:a@localhost>;expires=60', own, { ...udp, protocol: 'tcp' })).toBe(
      '"A" <sip:a@192.0.2.1:5070;transport=tcp>;expires=60',
    );
    expect(contactValue(undefined, own, { ...udp, protocol: 'ws' })).toBe('<sip:192.0.2.1:5066;transport=ws>');
    expect(contactValue('<sip:a@elsewhere>', own, udp)).toBe('<sip:a@elsewhere>');
    expect(contactValue(undefined, own, udp)).toBe('<sip:192.0.2.1:5070>');
  });

  it('refuses a body of unknown type, names SDP by itself', () => {
    const text = (body: string) => parseAppText(Buffer.from(`INFO sip:a@b SIP/2.0\r\n\r\n${body}`))!;
    expect(passedHeaders(text('plain'), own)).toBeUndefined();
    expect(passedHeaders(text('v=0\r\n'), own)).toMatchObject([{ key: 'content-type', value: 'application/sdp' }]);
    expect(passedHeaders(text(''), own)).toEqual([]);
  });
});

it('metrics name every count once', () => {
  const counts = {
    openServerTransactions: 1,
    openClientTransactions: 2,
    openConnections: 3,
    awaitingAck: 4,
    received: 5,
    sent: 6,
    dropped: 7,
    apps: 8,
    dialogs: 9,
    pendingIncoming: 10,
    pendingOutgoing: 11,
    proxied: 12,
  };
  const text = metricsText(counts);
  expect(text).toContain('\ncallwright_sip_dropped_total 7\n');
  expect(text.match(/^callwright_sip_\w+ \d+$/gm)).toHaveLength(12);
});
