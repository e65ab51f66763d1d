/**
 * G.722 (ITU-T G.722, 64 kbit/s), its lower sub-band: speech up to 4 kHz, which is what an 8 kHz media server has. The lower band of a
 * wideband encoder is an 8 kHz signal of its own, so neither filter bank nor resampling is needed; the upper band is sent as silence.
 * Names of blocks are the Recommendation's.
 */
import type { Coder } from './coder.ts';

/** Decision levels of the 6-bit quantizer (table 2). */
const Q6 = [
  0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339,
  1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
/** Code words of negative and positive differences by interval (table 2). */
const NEGATIVE = [
  0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
];
const POSITIVE = [
  0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33,
  32,
];
/** Logarithmic scale factor multipliers (table 4), the interval of a 4-bit code, and the antilogarithm (table 7). */
const WL = [-60, -30, 58, 172, 334, 538, 1198, 3042];
const RL42 = [0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0];
const ILB = [
  2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025,
  3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
/** Output values of the inverse quantizers with 4 and with 6 bits (tables 3 and 5). */
const QM4 = [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];
const QM6 = [
  -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
  -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24808,
  21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008,
  3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];
const LEVELS = Int32Array.from(Q6);
const QUANTIZED4 = Int32Array.from(QM4);
const QUANTIZED6 = Int32Array.from(QM6);

/** Upper-band code of the smallest difference: its scale factor falls to the floor and stays there. */
const SILENT_UPPER_BAND = 0xc0;
const MAX_SCALE = 18_432;
const MAX_OUTPUT = 16_383;

const saturate = (value: number): number => (value > 32_767 ? 32_767 : Math.max(value, -32_768));

/** Adaptive prediction of the lower sub-band: the same in encoder and decoder. */
class LowerBand {
  /** Predicted signal. */
  predicted = 0;
  /** Scale factor of the quantizer. */
  scale = 32;
  private logScale = 0;
  private zeroPart = 0;
  private readonly difference = new Int32Array(7);
  private readonly zeros = new Int32Array(7);
  private r1 = 0;
  private r2 = 0;
  private p1 = 0;
  private p2 = 0;
  private a1 = 0;
  private a2 = 0;

  /** Blocks 2L to 4L: takes a 6-bit code into the state. */
  adapt(code: number): void {
    const coarse = code >> 2;
    const difference = (this.scale * (QUANTIZED4[coarse] as number)) >> 15;
    this.rescale(RL42[coarse] as number);
    this.predict(difference);
  }

  private rescale(interval: number): void {
    const next = ((this.logScale * 127) >> 7) + (WL[interval] as number);
    this.logScale = next < 0 ? 0 : Math.min(next, MAX_SCALE);
    const mantissa = ILB[(this.logScale >> 6) & 31] as number;
    const shift = 8 - (this.logScale >> 11);
    this.scale = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
  }

  private predict(difference: number): void {
    const reconstructed = saturate(this.predicted + difference);
    const partial = saturate(this.zeroPart + difference);
    this.adaptPoles(partial);
    this.adaptZeros(difference);
    this.r2 = this.r1;
    this.r1 = reconstructed;
    this.p2 = this.p1;
    this.p1 = partial;
    const poles = saturate(
      ((this.a1 * saturate(this.r1 + this.r1)) >> 15) + ((this.a2 * saturate(this.r2 + this.r2)) >> 15),
    );
    this.predicted = saturate(poles + this.zeroPart);
  }

  /** UPPOL2 and UPPOL1. */
  private adaptPoles(partial: number): void {
    const same1 = partial >> 15 === this.p1 >> 15;
    const same2 = partial >> 15 === this.p2 >> 15;
    const quadruple = saturate(this.a1 << 2);
    const pull = Math.min(32_767, same1 ? -quadruple : quadruple);
    const second = (same2 ? 128 : -128) + (pull >> 7) + ((this.a2 * 32_512) >> 15);
    const a2 = second > 12_288 ? 12_288 : Math.max(second, -12_288);
    const first = saturate((same1 ? 192 : -192) + ((this.a1 * 32_640) >> 15));
    const limit = saturate(15_360 - a2);
    this.a1 = first > limit ? limit : Math.max(first, -limit);
    this.a2 = a2;
  }

  /** UPZERO, DELAYA and FILTEZ. */
  private adaptZeros(difference: number): void {
    const { zeros, difference: d } = this;
    const step = difference === 0 ? 0 : 128;
    const sign = difference >> 15;
    let sum = 0;
    for (let i = 6; i > 0; i--) {
      const towards = (d[i] as number) >> 15 === sign ? step : -step;
      zeros[i] = saturate(towards + (((zeros[i] as number) * 32_640) >> 15));
    }
    d[0] = difference;
    for (let i = 6; i > 0; i--) {
      d[i] = d[i - 1] as number;
      sum += ((zeros[i] as number) * saturate((d[i] as number) + (d[i] as number))) >> 15;
    }
    this.zeroPart = saturate(sum);
  }
}

function encodeSample(band: LowerBand, sample: number): number {
  const error = saturate((sample >> 1) - band.predicted);
  const magnitude = error >= 0 ? error : -(error + 1);
  let interval = 1;
  while (interval < 30 && magnitude >= ((LEVELS[interval] as number) * band.scale) >> 12) interval++;
  const code = (error < 0 ? NEGATIVE[interval] : POSITIVE[interval]) as number;
  band.adapt(code);
  return SILENT_UPPER_BAND | code;
}

function decodeSample(band: LowerBand, octet: number): number {
  const code = octet & 0x3f;
  const value = band.predicted + ((band.scale * (QUANTIZED6[code] as number)) >> 15);
  band.adapt(code);
  return (value > MAX_OUTPUT ? MAX_OUTPUT : Math.max(value, -MAX_OUTPUT - 1)) << 1;
}

/** A coder with its own memory for each direction. */
export function createG722(): Coder {
  const sent = new LowerBand();
  const heard = new LowerBand();
  return {
    encode(pcm, out, offset) {
      for (let i = 0; i < 160; i++) out[offset + i] = encodeSample(sent, pcm[i] as number);
      return 160;
    },
    decode(data, start, end, pcm) {
      for (let i = start; i < end; i++) pcm[i - start] = decodeSample(heard, data[i] as number);
      return end - start;
    },
    free: () => {},
  };
}
