/** Timer values of RFC 3261 §17 and table 4. */

export interface SipTimers {
  /** Round-trip estimate. */
  readonly t1Ms: number;
  /** Longest retransmission interval of non-INVITE requests and INVITE responses. */
  readonly t2Ms: number;
  /** Longest time a message stays in the network. */
  readonly t4Ms: number;
}

export const STANDARD_TIMERS: SipTimers = { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000 };

/** 64*T1: when a transaction gives up (timers B, F, H, J, L, M and the wait for a 2xx's ACK). */
export const giveUpMs = (timers: SipTimers): number => 64 * timers.t1Ms;
