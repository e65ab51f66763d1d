import { describe, expect, it } from 'vitest';
import { CODECS } from './coder.ts';
import { DECODE, ENCODE, TRANSCODE } from './g711.ts';

describe('G.711', () => {
  it('decodes the reference values of ITU-T G.711', () => {
    expect(DECODE.PCMU[0xff]).toBe(0);
    expect(DECODE.PCMU[0x7f]).toBe(0);
    expect(DECODE.PCMU[0x80]).toBe(32124);
    expect(DECODE.PCMU[0x00]).toBe(-32124);
    expect(DECODE.PCMA[0xd5]).toBe(8);
    expect(DECODE.PCMA[0x55]).toBe(-8);
    expect(DECODE.PCMA[0xaa]).toBe(32256);
    expect(DECODE.PCMA[0x2a]).toBe(-32256);
  });

  it.each(['PCMU', 'PCMA'] as const)('%s: encoding what was decoded gives the same value back', (codec) => {
    for (let byte = 0; byte < 256; byte++) {
      const sample = DECODE[codec][byte]!;
      expect(DECODE[codec][ENCODE[codec][sample + 32768]!]).toBe(sample);
    }
  });

  it.each(['PCMU', 'PCMA'] as const)('%s: each sample is off by no more than half its step', (codec) => {
    for (let sample = -32768; sample <= 32767; sample += 7) {
      const back = DECODE[codec][ENCODE[codec][sample + 32768]!]!;
      const clipped = Math.max(-32256, Math.min(32256, sample));
      expect(Math.abs(back - clipped)).toBeLessThanOrEqual(Math.max(20, Math.abs(clipped) / 30));
    }
  });

  it('transcodes both ways like decoding and encoding', () => {
    for (let byte = 0; byte < 256; byte++) {
      expect(TRANSCODE.PCMU.PCMA[byte]).toBe(ENCODE.PCMA[DECODE.PCMU[byte]! + 32768]);
      expect(TRANSCODE.PCMA.PCMU[byte]).toBe(ENCODE.PCMU[DECODE.PCMA[byte]! + 32768]);
    }
  });

  it('works on frames at an offset', () => {
    const pcm = Int16Array.from({ length: 160 }, (_, i) => i * 100 - 8000);
    const packet = Buffer.alloc(172);
    const coder = CODECS.PCMU.create();
    expect(coder.encode(pcm, packet, 12)).toBe(160);
    const back = new Int16Array(160);
    expect(coder.decode(packet, 12, 172, back)).toBe(160);
    expect([...packet.subarray(0, 12)]).toEqual(Array(12).fill(0));
    for (let i = 0; i < 160; i++) expect(Math.abs(back[i]! - pcm[i]!)).toBeLessThan(300);
  });
});
