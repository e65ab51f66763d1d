/** A short queue of 20 ms frames between reception and a mixer; preallocated, fixed depth. */
import { FRAME_SAMPLES } from './source.ts';

const CAPACITY = FRAME_SAMPLES * 10;
/** Kept back before the first frame goes out: rides over jitter of up to this much. */
const PREFILL = FRAME_SAMPLES * 2;
/** Above this the oldest audio is dropped, so a fast or bursting sender adds no delay. */
const CEILING = FRAME_SAMPLES * 6;

export class FrameQueue {
  /** The frame `next` has taken out. */
  readonly frame = new Int16Array(FRAME_SAMPLES);
  /** True when `frame` holds audio of this tick. */
  filled = false;
  private readonly ring = new Int16Array(CAPACITY);
  private head = 0;
  private size = 0;
  private primed = false;

  /** Appends samples; made for `RtpStream.addTap`. */
  readonly push = (pcm: Int16Array, count: number): void => {
    const start = (this.head + this.size) % CAPACITY;
    const room = Math.min(count, CAPACITY - this.size);
    for (let i = 0; i < room; i++) this.ring[(start + i) % CAPACITY] = pcm[i] as number;
    this.size += room;
    if (this.size > CEILING) this.drop(this.size - PREFILL);
  };

  /** Takes the next frame into `frame`; false when there is none. */
  next(): boolean {
    this.filled = false;
    if (!this.primed) this.primed = this.size >= PREFILL;
    if (this.size < FRAME_SAMPLES) this.primed = false;
    if (!this.primed) return false;
    for (let i = 0; i < FRAME_SAMPLES; i++) this.frame[i] = this.ring[(this.head + i) % CAPACITY] as number;
    this.drop(FRAME_SAMPLES);
    this.filled = true;
    return true;
  }

  private drop(count: number): void {
    this.head = (this.head + count) % CAPACITY;
    this.size -= count;
  }
}
