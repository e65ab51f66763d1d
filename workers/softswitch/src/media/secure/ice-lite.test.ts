import { createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerCheck, newIceCredentials } from './ice-lite.ts';

const terms = { localUfrag: 'lite', localPassword: 'the password of the lite agent', remoteUfrag: 'full' };
const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');

/** A check as RFC 8489 builds it, written out by hand. */
function check(options: { user?: string; password?: string; nominate?: boolean; controlled?: boolean } = {}): Buffer {
  const { user = 'lite:full', password = terms.localPassword, nominate = true, controlled = false } = options;
  const attribute = (type: number, value: Buffer) => {
    const out = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
    out.writeUInt16BE(type);
    out.writeUInt16BE(value.length, 2);
    value.copy(out, 4);
    return out;
  };
  let message = Buffer.concat([
    hex('0001 0000 2112a442 000102030405060708090a0b'),
    attribute(0x0006, Buffer.from(user)),
    attribute(controlled ? 0x8029 : 0x802a, Buffer.alloc(8, 1)),
    attribute(0x0024, hex('6e7f1eff')),
    ...(nominate ? [attribute(0x0025, Buffer.alloc(0))] : []),
  ]);
  message.writeUInt16BE(message.length - 20 + 24, 2);
  const hmac = createHmac('sha1', password).update(message).digest();
  message = Buffer.concat([message, attribute(0x0008, hmac)]);
  message.writeUInt16BE(message.length - 20 + 8, 2);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE((crc32(message) ^ 0x5354554e) >>> 0);
  return Buffer.concat([message, attribute(0x8028, crc)]);
}

describe('connectivity checks (RFC 8445)', () => {
  it('are answered with the address they came from, under the same transaction', () => {
    const { reply, nominated } = answerCheck(terms, check(), '192.0.2.1', 32_853)!;
    expect(nominated).toBe(true);
    expect(reply.readUInt16BE(0)).toBe(0x0101);
    expect(reply.readUInt16BE(2)).toBe(reply.length - 20);
    expect(reply.subarray(8, 20)).toEqual(check().subarray(8, 20));
    // the mapped address of RFC 5769 §2.2
    expect(reply.subarray(20, 32)).toEqual(hex('0020 0008 0001 a147 e112a643'));
    const covered = Buffer.from(reply.subarray(0, 32));
    covered.writeUInt16BE(12 + 24, 2);
    expect(reply.subarray(36, 56)).toEqual(createHmac('sha1', terms.localPassword).update(covered).digest());
    expect(reply.readUInt32BE(60)).toBe((crc32(reply.subarray(0, 56)) ^ 0x5354554e) >>> 0);
  });

  it('without nomination they settle nothing; from another controlled agent they are refused', () => {
    expect(answerCheck(terms, check({ nominate: false }), '192.0.2.1', 1)?.nominated).toBe(false);
    const { reply, nominated } = answerCheck(terms, check({ controlled: true }), '192.0.2.1', 1)!;
    expect(nominated).toBe(false);
    expect(reply.readUInt16BE(0)).toBe(0x0111);
  });

  it('of others, with a wrong password, or damaged get no answer', () => {
    expect(answerCheck(terms, check({ user: 'lite:other' }), '192.0.2.1', 1)).toBeNull();
    expect(answerCheck(terms, check({ password: 'guess' }), '192.0.2.1', 1)).toBeNull();
    const whole = check();
    for (let at = 0; at < whole.length; at++) {
      expect(answerCheck(terms, whole.subarray(0, at), '192.0.2.1', 1)).toBeNull();
      // a last attribute of another type is none we know, and none that is covered
      if (at === whole.length - 8 || at === whole.length - 7) continue;
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0x40;
      expect(answerCheck(terms, damaged, '192.0.2.1', 1)).toBeNull();
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const noise = Buffer.concat([hex('0001'), Buffer.from(bytes)]);
        expect(answerCheck(terms, noise, '192.0.2.1', 1)).toBeNull();
      }),
    );
  });

  it('credentials are long enough and never the same', () => {
    const { ufrag, password } = newIceCredentials();
    expect(ufrag).toMatch(/^[A-Za-z0-9+/]{4,}$/);
    expect(password).toMatch(/^[A-Za-z0-9+/]{22,}$/);
    expect(newIceCredentials().ufrag).not.toBe(ufrag);
  });
});
