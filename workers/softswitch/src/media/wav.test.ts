import { describe, expect, it } from 'vitest';
import { ENCODE } from './codec/g711.ts';
import { toneShare } from './goertzel.test-tool.ts';
import { decodeWav, wavHeader } from './wav.ts';

function wavFile(
  tag: number,
  channels: number,
  rate: number,
  bits: number,
  data: Buffer,
  extra = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(20 + 16);
  head.write('RIFF', 0);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(tag, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE((rate * channels * bits) / 8, 28);
  head.writeUInt16LE((channels * bits) / 8, 32);
  head.writeUInt16LE(bits, 34);
  const dataHead = Buffer.alloc(8);
  dataHead.write('data', 0);
  dataHead.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, extra, dataHead, data]);
}

function sine(rate: number, seconds: number, frequency: number, channels = 1): Buffer {
  const data = Buffer.alloc(rate * seconds * 2 * channels);
  for (let i = 0; i < rate * seconds; i++) {
    for (let c = 0; c < channels; c++) {
      data.writeInt16LE(Math.round(9000 * Math.sin((2 * Math.PI * frequency * i) / rate)), (i * channels + c) * 2);
    }
  }
  return data;
}

describe('WAV', () => {
  it('reads what the writer writes', () => {
    const pcm = decodeWav(Buffer.concat([wavHeader(3), Buffer.from(Int16Array.of(1, -2, 300).buffer)]));
    expect([...pcm!]).toEqual([1, -2, 300]);
  });

  it.each([11_025, 16_000, 22_050, 44_100, 48_000])('converts %i Hz stereo without mirror tones', (rate) => {
    const pcm = decodeWav(wavFile(1, 2, rate, 16, sine(rate, 1, 1000, 2)))!;
    expect(Math.abs(pcm.length - 8000)).toBeLessThan(3);
    expect(toneShare(pcm.subarray(200, 7800), 1000)).toBeGreaterThan(0.99);
  });

  it('takes away what 8 kHz cannot carry', () => {
    const pcm = decodeWav(wavFile(1, 1, 48_000, 16, sine(48_000, 1, 6000)))!;
    expect(Math.max(...pcm.subarray(200, 7800))).toBeLessThan(300);
  });

  it('reads 8 bit, A-law and µ-law, and skips other chunks', () => {
    expect([...decodeWav(wavFile(1, 1, 8000, 8, Buffer.from([128, 255, 0])))!]).toEqual([0, 127 << 8, -128 << 8]);
    const loud = 12_000;
    const list = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1');
    for (const [tag, codec] of [
      [6, 'PCMA'],
      [7, 'PCMU'],
    ] as const) {
      const pcm = decodeWav(wavFile(tag, 1, 8000, 8, Buffer.from([ENCODE[codec][loud + 32768]!]), list))!;
      expect(Math.abs(pcm[0]! - loud)).toBeLessThan(400);
    }
  });

  it('a file cut off gives what it holds', () => {
    const whole = wavFile(1, 1, 8000, 16, sine(8000, 1, 500));
    expect(decodeWav(whole.subarray(0, 44 + 1000))!.length).toBe(500);
  });

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['something else', Buffer.from('ID3 not a wave file at all, really')],
    ['no format chunk', Buffer.from('RIFF\0\0\0\0WAVEdata\x02\0\0\0ab', 'latin1')],
    ['an unknown codec', wavFile(85, 1, 8000, 16, Buffer.alloc(4))],
    ['no channels', wavFile(1, 0, 8000, 16, Buffer.alloc(4))],
    ['a rate of zero', wavFile(1, 1, 0, 16, Buffer.alloc(4))],
    ['24 bit', wavFile(1, 1, 8000, 24, Buffer.alloc(6))],
  ])('answers null for %s', (_, file) => {
    expect(decodeWav(file)).toBeNull();
  });
});
