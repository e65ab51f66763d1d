/** Reliable provisional responses of one INVITE (RFC 3262 §3): numbered, repeated until their PRACK, one at a time. */

export interface ReliableProvisionals {
  /** Number for the next reliable response. */
  nextRSeq(): number;
  /** Repeats `bytes` (sent already) until acknowledged; `giveUp` after 64*T1. */
  started(rseq: number, resend: () => void, giveUp: () => void): void;
  /** True when a PRACK names a response that is being repeated. */
  acknowledge(rseq: number): boolean;
  /** True while a response waits for its PRACK. */
  readonly waiting: boolean;
  stop(): void;
}

export function reliableProvisionals(t1Ms: number): ReliableProvisionals {
  const open = new Map<number, { timer: NodeJS.Timeout; deadline: NodeJS.Timeout }>();
  let last = 1 + Math.floor(Math.random() * 2 ** 16);

  const close = (rseq: number): boolean => {
    const one = open.get(rseq);
    if (!one) return false;
    clearTimeout(one.timer);
    clearTimeout(one.deadline);
    return open.delete(rseq);
  };

  return {
    nextRSeq: () => ++last,
    started(rseq, resend, giveUp) {
      const repeat = (intervalMs: number): NodeJS.Timeout =>
        setTimeout(() => {
          const one = open.get(rseq);
          if (!one) return;
          resend();
          one.timer = repeat(intervalMs * 2);
        }, intervalMs);
      const deadline = setTimeout(() => {
        close(rseq);
        giveUp();
      }, 64 * t1Ms);
      open.set(rseq, { timer: repeat(t1Ms), deadline });
    },
    acknowledge: close,
    get waiting() {
      return open.size > 0;
    },
    stop() {
      for (const rseq of [...open.keys()]) close(rseq);
    },
  };
}
