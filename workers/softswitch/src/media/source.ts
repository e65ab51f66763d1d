/** What a stream plays: linear 8 kHz mono samples, one 20 ms frame at a time. */

/** Samples per second of all audio inside the media server. */
export const SAMPLE_RATE = 8000;
/** Length of one frame. */
export const FRAME_MS = 20;
/** Samples in one frame. */
export const FRAME_SAMPLES = 160;

/** Something that gives samples until it has none left. */
export interface Source {
  /** Writes up to FRAME_SAMPLES samples into `frame`; answers how many, 0 = the end. Never allocates. */
  read(frame: Int16Array): number;
  /** Samples given so far. */
  readonly position: number;
}

/** Plays samples kept in memory, `loops` times (-1 = for ever), from sample `start` on the first time. */
export class ClipSource implements Source {
  position = 0;
  private readonly pcm: Int16Array;
  private loopsLeft: number;
  private at: number;

  constructor(pcm: Int16Array, loops: number, start: number) {
    this.pcm = pcm;
    this.loopsLeft = pcm.length === 0 ? 0 : loops;
    this.at = Math.min(start, pcm.length);
  }

  read(frame: Int16Array): number {
    let filled = 0;
    while (filled < FRAME_SAMPLES && this.loopsLeft !== 0) {
      const count = Math.min(FRAME_SAMPLES - filled, this.pcm.length - this.at);
      for (let i = 0; i < count; i++) frame[filled + i] = this.pcm[this.at + i] as number;
      filled += count;
      this.at += count;
      if (this.at >= this.pcm.length) {
        this.at = 0;
        if (this.loopsLeft > 0) this.loopsLeft--;
      }
    }
    this.position += filled;
    return filled;
  }
}

/** Digital silence for a number of samples, -1 = for ever. */
export class SilenceSource implements Source {
  position = 0;
  private left: number;

  constructor(samples: number) {
    this.left = samples;
  }

  read(frame: Int16Array): number {
    const count = this.left < 0 ? FRAME_SAMPLES : Math.min(this.left, FRAME_SAMPLES);
    frame.fill(0, 0, count);
    if (this.left > 0) this.left -= count;
    this.position += count;
    return count;
  }
}
