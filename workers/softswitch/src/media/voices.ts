/** Voices added to what a stream sends: supervisors who whisper or join in. */
import { FRAME_SAMPLES } from './source.ts';

/** The next frame of a voice, null when it says nothing. */
export type Voice = () => Int16Array | null;

export class Voices {
  private readonly voices = new Set<Voice>();
  private readonly out = new Int16Array(FRAME_SAMPLES);

  get size(): number {
    return this.voices.size;
  }

  add(voice: Voice): void {
    this.voices.add(voice);
  }

  delete(voice: Voice): void {
    this.voices.delete(voice);
  }

  /** The frame with all voices in it; reused at the next call. */
  added(pcm: Int16Array): Int16Array {
    const { out } = this;
    for (let i = 0; i < FRAME_SAMPLES; i++) out[i] = pcm[i] as number;
    for (const voice of this.voices) {
      const frame = voice();
      if (frame) addFrame(out, frame);
    }
    return out;
  }
}

/** Adds `frame` to `out`, kept within 16 bit. */
export function addFrame(out: Int16Array, frame: Int16Array): void {
  for (let i = 0; i < FRAME_SAMPLES; i++) {
    out[i] = Math.max(-32_768, Math.min(32_767, (out[i] as number) + (frame[i] as number)));
  }
}
