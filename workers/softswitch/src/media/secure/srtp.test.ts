import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_TAG_BYTES, PROFILES, type SrtpProfile, SrtpReceiver, SrtpSender } from './srtp.ts';

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');
const master = () => ({ key: randomBytes(16), salt: randomBytes(14) });

function packet(sequence: number, ssrc: number, payload: Buffer): Buffer {
  const out = Buffer.alloc(12 + payload.length + MAX_TAG_BYTES);
  out[0] = 0x80;
  out.writeUInt16BE(sequence & 0xffff, 2);
  out.writeUInt32BE(sequence * 160, 4);
  out.writeUInt32BE(ssrc, 8);
  payload.copy(out, 12);
  return out;
}

/** Protects a payload; the bytes as they go out. */
function sent(sender: SrtpSender, sequence: number, payload = Buffer.from(`packet ${sequence}`), ssrc = 7): Buffer {
  const out = packet(sequence, ssrc, payload);
  return Buffer.from(out.subarray(0, sender.protect(out, 12 + payload.length)));
}

const heard = (receiver: SrtpReceiver, bytes: Buffer): string | null => {
  const copy = Buffer.from(bytes);
  const length = receiver.unprotect(copy);
  return length < 0 ? null : copy.toString('latin1', 12, length);
};

describe('SRTP', () => {
  it('the known answer of libsrtp (AES-128 counter mode, 80-bit tag) comes out', () => {
    const key = { key: hex('e1f97a0d3e018be0d64fa32c06de4139'), salt: hex('0ec675ad498afeebb6960b3aabe6') };
    const plain = hex(`800f1234decafbadcafebabe${'ab'.repeat(16)}`);
    const cipher = hex('800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb');
    const buffer = Buffer.concat([plain, Buffer.alloc(MAX_TAG_BYTES)]);
    const length = new SrtpSender('AES_CM_128_HMAC_SHA1_80', key).protect(buffer, plain.length);
    expect(buffer.subarray(0, length).toString('hex')).toBe(cipher.toString('hex'));
    const back = Buffer.from(cipher);
    expect(new SrtpReceiver('AES_CM_128_HMAC_SHA1_80', key).unprotect(back)).toBe(plain.length);
    expect(back.subarray(0, plain.length)).toEqual(plain);
  });

  describe.each(Object.keys(PROFILES) as SrtpProfile[])('%s', (profile) => {
    it('what was protected is heard, also over the turn of the sequence number and out of order', () => {
      const key = master();
      const sender = new SrtpSender(profile, key);
      const receiver = new SrtpReceiver(profile, key);
      const bytes = Array.from({ length: 200 }, (_, i) => sent(sender, 65_436 + i));
      const order = bytes.map((_, i) => i).toSorted((a, b) => (a ^ 3) - (b ^ 3));
      for (const i of order) expect(heard(receiver, bytes[i]!)).toBe(`packet ${65_436 + i}`);
    });

    it('refuses repeats, forgeries, truncations and other keys', () => {
      const key = master();
      const receiver = new SrtpReceiver(profile, key);
      const bytes = sent(new SrtpSender(profile, key), 5);
      for (let bit = 0; bit < bytes.length * 8; bit += 7) {
        const forged = Buffer.from(bytes);
        forged[bit >> 3]! ^= 1 << (bit & 7);
        expect(heard(receiver, forged)).toBeNull();
      }
      for (let length = 0; length < bytes.length; length++)
        expect(heard(receiver, bytes.subarray(0, length))).toBeNull();
      expect(heard(new SrtpReceiver(profile, master()), bytes)).toBeNull();
      expect(heard(receiver, bytes)).toBe('packet 5');
      expect(heard(receiver, bytes)).toBeNull();
    });

    it('a packet older than the window is refused, one within it is taken once', () => {
      const key = master();
      const sender = new SrtpSender(profile, key);
      const receiver = new SrtpReceiver(profile, key);
      const bytes = Array.from({ length: 100 }, (_, i) => sent(sender, i + 1));
      heard(receiver, bytes[0]!);
      heard(receiver, bytes[99]!);
      expect(heard(receiver, bytes[30]!)).toBeNull();
      expect(heard(receiver, bytes[60]!)).toBe('packet 61');
      expect(heard(receiver, bytes[60]!)).toBeNull();
      expect(heard(receiver, bytes[36]!)).toBe('packet 37');
    });

    it('each source has its own rollover counter', () => {
      const key = master();
      const receiver = new SrtpReceiver(profile, key);
      const first = new SrtpSender(profile, key);
      for (const sequence of [65_530, 65_540, 65_541]) expect(heard(receiver, sent(first, sequence))).not.toBeNull();
      expect(heard(receiver, sent(new SrtpSender(profile, key), 9, Buffer.from('new'), 8))).toBe('new');
      expect(heard(receiver, sent(first, 65_542))).toBe('packet 65542');
    });
  });

  it('RTCP: encrypted behind the first SSRC, index counted up, tag at the end (RFC 3711 §3.4)', () => {
    const sender = new SrtpSender('AES_CM_128_HMAC_SHA1_32', master());
    const report = Buffer.concat([hex('80c80006 00000007'), Buffer.alloc(20, 1)]);
    const [one, two] = [sender.protectRtcp(report), sender.protectRtcp(report)];
    expect(one.length).toBe(report.length + 14);
    expect(one.subarray(0, 8)).toEqual(report.subarray(0, 8));
    expect(one.subarray(8, 28)).not.toEqual(report.subarray(8, 28));
    expect(one.readUInt32BE(28)).toBe(0x8000_0001);
    expect(two.readUInt32BE(28)).toBe(0x8000_0002);
    expect(two.subarray(8, 28)).not.toEqual(one.subarray(8, 28));
  });
});
