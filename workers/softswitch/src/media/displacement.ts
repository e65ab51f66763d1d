/** A source that takes the place of what a party says, or is added to it (`uuid_displace`). */
import { FRAME_SAMPLES, type Source } from './source.ts';

export class Displacement {
  private readonly source: Source;
  private readonly mux: boolean;
  private readonly onEnd: () => void;
  private readonly frame = new Int16Array(FRAME_SAMPLES);
  private filled = 0;
  private at = 0;
  private ended = false;

  constructor(source: Source, mux: boolean, onEnd: () => void) {
    this.source = source;
    this.mux = mux;
    this.onEnd = onEnd;
  }

  /** Changes the samples in place; false when the source has come to its end. */
  apply(pcm: Int16Array, count: number): boolean {
    for (let i = 0; i < count; i++) {
      if (this.at === this.filled) {
        this.filled = this.source.read(this.frame);
        this.at = 0;
        if (this.filled === 0) return false;
      }
      const sample = this.frame[this.at++] as number;
      const sum = this.mux ? (pcm[i] as number) + sample : sample;
      pcm[i] = Math.max(-32_768, Math.min(32_767, sum));
    }
    return true;
  }

  /** Tells once that it is over. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd();
  }
}
