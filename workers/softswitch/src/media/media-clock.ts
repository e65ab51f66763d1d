/**
 * The one clock of all streams: 20 ms frames in four phases, 5 ms apart. A stream stays in the phase in which it started to
 * send, so its first packet leaves at once and its second one 20 ms (± half a phase) later; the load spreads over the phases.
 *
 * The schedule is absolute (start + n × 5 ms), so lateness never adds up. After a stall it catches up at most MAX_CATCH_UP
 * phases in one go and drops the rest: bursts of old audio help nobody.
 */

/** Distance of two phases. */
export const PHASE_MS = 5;
/** Phases in one frame. */
export const PHASES = 4;
const MAX_CATCH_UP = 12;

/** Called once per frame; `nowMs` = the moment of the schedule the frame belongs to. */
export type TickHandler = (nowMs: number) => void;

/** Lateness of a phase against the schedule, for metrics; called with milliseconds. */
export type LatenessObserver = (lateMs: number) => void;

export class MediaClock {
  private readonly phases: Set<TickHandler>[] = Array.from({ length: PHASES }, () => new Set());
  private readonly originMs = performance.now();
  private readonly observe: LatenessObserver;
  private next = 1;
  private started = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(observe: LatenessObserver) {
    this.observe = observe;
  }

  /** Milliseconds on the clock's monotonic time line. */
  now(): number {
    return performance.now();
  }

  start(): void {
    this.started = true;
    if (this.busy()) this.resume();
  }

  stop(): void {
    this.started = false;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  /**
   * Calls `handler` each frame, first about one frame from now, in the phase nearest to now.
   * The function it answers ends that.
   */
  join(handler: TickHandler): () => void {
    if (this.started) this.resume();
    const nearest = Math.round((performance.now() - this.originMs) / PHASE_MS);
    const phase = this.phases[((nearest % PHASES) + PHASES) % PHASES] as Set<TickHandler>;
    // A phase still to come within half a step is this same moment: the handler would run at once, a frame too early.
    if (nearest >= this.next) {
      let skipped = false;
      const late: TickHandler = (nowMs) => {
        if (skipped) handler(nowMs);
        skipped = true;
      };
      phase.add(late);
      return () => phase.delete(late);
    }
    phase.add(handler);
    return () => phase.delete(handler);
  }

  /** True while any handler is joined. */
  busy(): boolean {
    return this.phases.some((phase) => phase.size > 0);
  }

  /** Nobody joined: no timer. The schedule stays the same when it runs again. */
  private resume(): void {
    if (this.timer) return;
    this.next = Math.floor((performance.now() - this.originMs) / PHASE_MS) + 1;
    this.timer = setTimeout(this.wake, PHASE_MS);
  }

  private readonly wake = (): void => {
    const due = Math.floor((performance.now() - this.originMs) / PHASE_MS);
    if (due - this.next >= MAX_CATCH_UP) this.next = due - MAX_CATCH_UP + 1;
    while (this.next <= due) {
      const scheduled = this.originMs + this.next * PHASE_MS;
      this.observe(performance.now() - scheduled);
      for (const handler of this.phases[this.next % PHASES] as Set<TickHandler>) handler(scheduled);
      this.next++;
    }
    this.timer = null;
    if (!this.busy() || !this.started) return;
    const wait = this.originMs + this.next * PHASE_MS - performance.now();
    this.timer = setTimeout(this.wake, Math.max(1, Math.ceil(wait)));
  };
}
