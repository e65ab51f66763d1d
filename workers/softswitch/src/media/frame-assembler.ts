/** Cuts samples that come in packets of any length into frames of 20 ms. */
import { FRAME_SAMPLES } from './source.ts';

export class FrameAssembler {
  private readonly frame = new Int16Array(FRAME_SAMPLES);
  private filled = 0;

  /** Takes samples; `onFrame` is called for each whole frame, which is reused after the call. */
  push(pcm: Int16Array, count: number, onFrame: (frame: Int16Array) => void): void {
    for (let i = 0; i < count; i++) {
      this.frame[this.filled++] = pcm[i] as number;
      if (this.filled < FRAME_SAMPLES) continue;
      this.filled = 0;
      onFrame(this.frame);
    }
  }

  clear(): void {
    this.filled = 0;
  }
}
