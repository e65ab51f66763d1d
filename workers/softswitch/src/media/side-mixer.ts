/** Brings the two sides of a recording together, each of which comes in a rhythm of its own. */
import { SAMPLE_RATE } from './source.ts';

/** Samples that one side may run ahead of the other before silence is put in for that. */
const MAX_AHEAD = SAMPLE_RATE / 5;
const CAPACITY = MAX_AHEAD * 4;

/** Takes samples made ready for the file. */
export type MixedSink = (pcm: Int16Array, count: number) => void;

export class SideMixer {
  private readonly sides = [new Int16Array(CAPACITY), new Int16Array(CAPACITY)] as const;
  private readonly filled: [number, number] = [0, 0];
  private readonly out: Int16Array;
  private readonly stereo: boolean;
  private readonly sink: MixedSink;

  /** Stereo keeps side 0 left and side 1 right; else they are added. */
  constructor(stereo: boolean, sink: MixedSink) {
    this.stereo = stereo;
    this.sink = sink;
    this.out = new Int16Array(stereo ? CAPACITY * 2 : CAPACITY);
  }

  /** At most CAPACITY − MAX_AHEAD samples at a time: a packet is far shorter. */
  add(side: 0 | 1, pcm: Int16Array, count: number): void {
    const own = this.sides[side];
    const taken = Math.min(count, CAPACITY - this.filled[side]);
    for (let i = 0; i < taken; i++) own[this.filled[side] + i] = pcm[i] as number;
    this.filled[side] += taken;
    const other = this.filled[1 - side] as number;
    this.flush(this.filled[side] - other > MAX_AHEAD ? this.filled[side] : Math.min(this.filled[side], other));
  }

  /** Gives out what is left. */
  end(): void {
    this.flush(Math.max(...this.filled));
  }

  private flush(count: number): void {
    if (count === 0) return;
    const [left, right] = this.sides;
    const [leftFilled, rightFilled] = this.filled;
    const { out } = this;
    for (let i = 0; i < count; i++) {
      const a = i < leftFilled ? (left[i] as number) : 0;
      const b = i < rightFilled ? (right[i] as number) : 0;
      if (this.stereo) {
        out[2 * i] = a;
        out[2 * i + 1] = b;
      } else out[i] = Math.max(-32_768, Math.min(32_767, a + b));
    }
    for (const side of [0, 1] as const) {
      const gone = Math.min(count, this.filled[side]);
      this.sides[side].copyWithin(0, gone, this.filled[side]);
      this.filled[side] -= gone;
    }
    this.sink(out, this.stereo ? count * 2 : count);
  }
}
