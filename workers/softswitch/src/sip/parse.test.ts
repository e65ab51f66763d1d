import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { header, headerValue, headerValues, isRequest, NO_BODY, parseMessage, serialise, setHeader } from './index.ts';
import { streamFramer } from './stream-framer.ts';
import { parseUri, writeUri } from './uri.ts';
import { parseCSeq, parseNameAddr, parseParams, parseVia, splitList, tagOf, writeParams } from './values.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('messages', () => {
  it('folds lines, knows compact names and any line end', () => {
    const parsed = parseMessage(bytes('\r\nOPTIONS sip:a@b SIP/2.0\nf : <sip:a@b>\n ;tag=1\nI:x\n\nbody'))!;
    expect(parsed.fault).toBeUndefined();
    expect(headerValue(parsed.message, 'from')).toBe('<sip:a@b> ;tag=1');
    expect(headerValue(parsed.message, 'call-id')).toBe('x');
    expect(parsed.message.body.toString()).toBe('body');
  });

  it('takes no more body than Content-Length says and faults on less', () => {
    const head = 'MESSAGE sip:a@b SIP/2.0\r\n';
    expect(parseMessage(bytes(`${head}l: 2\r\n\r\nabcd`))!.message.body.toString()).toBe('ab');
    expect(parseMessage(bytes(`${head}l: 5\r\n\r\nabcd`))!.fault).toMatchObject({ status: 400 });
    for (const length of ['-1', '1e3', '', '99999999']) {
      expect(parseMessage(bytes(`${head}Content-Length: ${length}\r\n\r\nab`))!.fault, length).toMatchObject({
        status: 400,
      });
    }
  });

  it.each([
    '',
    '\r\n\r\n',
    'hello',
    'SIP/2.0 99 Low\r\n\r\n',
    'SIP/2.0 700 High\r\n\r\n',
    'A B\r\n\r\n',
    'I@VITE sip:a SIP/2.0\r\n\r\n',
  ])('takes %j for noise', (text) => {
    expect(parseMessage(bytes(text))).toBeUndefined();
  });

  it('keeps every byte of any header and body over parse and serialise', () => {
    const value = fc.string({
      unit: fc.integer({ min: 33, max: 255 }).map((c) => String.fromCharCode(c)),
      minLength: 1,
    });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), fc.uint8Array({ maxLength: 200 }), (values, body) => {
        const headers = values.map((one, i) => header(`X-${i}`, one));
        const sent = serialise({ method: 'MESSAGE', uri: 'sip:a@b', headers, body: Buffer.from(body) });
        const { message, fault } = parseMessage(sent)!;
        expect(fault).toBeUndefined();
        expect(message.headers.slice(0, -1).map((line) => line.value)).toEqual(values);
        expect(Buffer.compare(message.body, Buffer.from(body))).toBe(0);
        expect(Buffer.compare(serialise(message), sent)).toBe(0);
      }),
    );
  });

  it('never throws on any bytes', () => {
    const opening = fc.constantFrom(
      '',
      'INVITE sip:a@b SIP/2.0\r\n',
      'SIP/2.0 200 OK\r\n',
      'INVITE sip:a@b SIP/2.0\r\nVia: ',
    );
    fc.assert(
      fc.property(opening, fc.uint8Array({ maxLength: 300 }), (start, noise) => {
        const parsed = parseMessage(Buffer.concat([bytes(start), noise]));
        if (parsed && isRequest(parsed.message)) headerValues(parsed.message, 'via').map(parseVia);
      }),
      { numRuns: 2_000 },
    );
  });

  it('lets no header value break out of its line', () => {
    const message = { method: 'OPTIONS', uri: 'sip:a@b', headers: [], body: NO_BODY };
    setHeader(message, 'subject', 'a\r\nX-Evil: 1');
    expect(serialise(message).toString()).not.toContain('\r\nX-Evil');
  });

  it('stays quick on hostile whitespace', () => {
    const started = performance.now();
    const spaces = ' '.repeat(60_000);
    parseMessage(bytes(`INVITE${spaces}x\r\n\r\n`));
    parseVia(`SIP/2.0/UDP h${spaces}x`);
    parseNameAddr(`"${'\\'.repeat(60_000)}`);
    parseCSeq(`1${spaces}`);
    splitList(`<${','.repeat(60_000)}`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('values', () => {
  it('splits lists outside quotes and brackets', () => {
    expect(splitList('"a, b" <sip:a,b@c>;x, <sip:d>')).toEqual(['"a, b" <sip:a,b@c>;x', '<sip:d>']);
  });

  it('reads name-addr', () => {
    expect(parseNameAddr('"B, \\"x\\"" <sip:b@c;lr>;tag=9;flag')).toMatchObject({
      display: '"B, \\"x\\""',
      uri: 'sip:b@c;lr',
    });
    expect(tagOf('sip:a@b;tag=7')).toBe('7');
    for (const bad of [
      '',
      '"open <sip:a@b>',
      '<sip:a@b',
      '<>',
      'sip:a@b?x=1',
      '<sip:a b>',
      '<sip:a@b> x',
      'nothing',
      '"a" b <sip:c>',
    ]) {
      expect(parseNameAddr(bad), bad).toBeUndefined();
    }
  });

  it('reads Via with spaces and IPv6', () => {
    expect(parseVia('SIP / 2.0 / UDP [2001:db8::1] : 5070 ;branch=z9')).toMatchObject({
      transport: 'UDP',
      host: '[2001:db8::1]',
      port: 5070,
    });
    for (const bad of ['', 'SIP/2.0/UDP', 'SIP/2.0/UDP h:0', 'SIP/2.0/UDP h:70000', 'SIP/3.0/UDP h'])
      expect(parseVia(bad), bad).toBeUndefined();
  });

  it('writes what it reads', () => {
    expect(writeParams(parseParams(';a=1;b;c="x;y"')!)).toBe(';a=1;b;c="x;y"');
    for (const uri of ['sip:a%40b:pw@h.example:5070;transport=tcp;lr?x=y', 'sips:[::1]', 'sip:host'])
      expect(writeUri(parseUri(uri)!)).toBe(uri);
    for (const bad of ['tel:1', 'sip:', 'sip:a@', 'sip:a@h:0', 'sip:a@h:x', 'sip:a@h;x=<', 'sip:%zz@h', 'sip:a@-'])
      expect(parseUri(bad), bad).toBeUndefined();
  });

  it('bounds CSeq', () => {
    expect(parseCSeq('2147483647 INVITE')).toEqual({ number: 2147483647, method: 'INVITE' });
    for (const bad of ['2147483648 INVITE', '-1 INVITE', 'INVITE', '1', undefined])
      expect(parseCSeq(bad)).toBeUndefined();
  });
});

describe('streams', () => {
  it('gives the same messages however the bytes are cut', () => {
    const one = (n: number): string =>
      `OPTIONS sip:a@b SIP/2.0\r\nX: ${n}\r\nContent-Length: ${n}\r\n\r\n${'b'.repeat(n)}`;
    const stream = bytes(`${one(3)}\r\n\r\n${one(0)}${one(40)}`);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 12 }), (cuts) => {
        const got: string[] = [];
        const fail = (): never => expect.unreachable();
        const framer = streamFramer({
          onMessage: (message) => got.push(message.toString()),
          onPing: () => {},
          onBroken: fail,
        });
        let from = 0;
        for (const cut of [...cuts.toSorted((a, b) => a - b), stream.length]) {
          framer.push(stream.subarray(from, cut));
          from = cut;
        }
        expect(got).toEqual([one(3), one(0), one(40)]);
        expect(framer.partial).toBe(false);
      }),
    );
  });

  it.each(['Content-Length: -1', 'Content-Length: 70000', 'l: 1\r\nContent-Length: 2'])('breaks on %j', (line) => {
    let broken = false;
    const framer = streamFramer({
      onMessage: () => {},
      onPing: () => {},
      onBroken: () => {
        broken = true;
      },
    });
    framer.push(bytes(`OPTIONS sip:a@b SIP/2.0\r\n${line}\r\n\r\n`));
    expect(broken).toBe(true);
  });

  it('breaks on a head that does not end', () => {
    let broken = false;
    const framer = streamFramer({
      onMessage: () => {},
      onPing: () => {},
      onBroken: () => {
        broken = true;
      },
    });
    for (let i = 0; i < 100; i++) framer.push(bytes('X: '.padEnd(1_000, 'y')));
    expect(broken).toBe(true);
  });
});
