/** G.711 A-law and µ-law (ITU-T G.711) by look-up tables, built once. */

/** Names as SDP writes them (RFC 3551 §6). */
export type G711Name = 'PCMU' | 'PCMA';

/** True for the two kinds of G.711. */
export const isG711 = (name: string): name is G711Name => name === 'PCMU' || name === 'PCMA';

const MU_BIAS = 0x84;
const MU_CLIP = 32635;

function mulawDecode(byte: number): number {
  const u = ~byte & 0xff;
  const magnitude = (((u & 0x0f) << 3) + MU_BIAS) << ((u & 0x70) >> 4);
  return u & 0x80 ? MU_BIAS - magnitude : magnitude - MU_BIAS;
}

function mulawEncode(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), MU_CLIP) + MU_BIAS;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

function alawDecode(byte: number): number {
  const a = byte ^ 0x55;
  const exponent = (a & 0x70) >> 4;
  const mantissa = (a & 0x0f) << 4;
  const magnitude = exponent === 0 ? mantissa + 8 : (mantissa + 0x108) << (exponent - 1);
  return a & 0x80 ? magnitude : -magnitude;
}

function alawEncode(sample: number): number {
  const positive = sample >= 0;
  const magnitude = Math.min(positive ? sample : -sample - 1, 32767) >> 3;
  let exponent = 0;
  let mantissa = magnitude >> 1;
  if (magnitude >= 32) {
    exponent = 31 - Math.clz32(magnitude) - 4;
    mantissa = (magnitude >> exponent) & 0x0f;
  }
  return (((positive ? 0x80 : 0) | (exponent << 4) | mantissa) ^ 0x55) & 0xff;
}

function buildDecode(decode: (byte: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, byte) => decode(byte));
}

/** Index = sample + 32768. */
function buildEncode(encode: (sample: number) => number): Uint8Array {
  return Uint8Array.from({ length: 65536 }, (_, index) => encode(index - 32768));
}

/** Encoded byte → linear sample, per codec; 256 entries. */
export const DECODE: Readonly<Record<G711Name, Int16Array>> = {
  PCMU: buildDecode(mulawDecode),
  PCMA: buildDecode(alawDecode),
};

/** Linear sample + 32768 → encoded byte, per codec; 65536 entries. */
export const ENCODE: Readonly<Record<G711Name, Uint8Array>> = {
  PCMU: buildEncode(mulawEncode),
  PCMA: buildEncode(alawEncode),
};

function buildTranscode(from: G711Name, to: G711Name): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => ENCODE[to][(DECODE[from][byte] as number) + 32768] as number);
}

/** Encoded byte of one codec → encoded byte of the other. */
export const TRANSCODE: Readonly<Record<G711Name, Readonly<Record<G711Name, Uint8Array>>>> = {
  PCMU: { PCMU: buildTranscode('PCMU', 'PCMU'), PCMA: buildTranscode('PCMU', 'PCMA') },
  PCMA: { PCMU: buildTranscode('PCMA', 'PCMU'), PCMA: buildTranscode('PCMA', 'PCMA') },
};
