/** A request of the test phone that waits for its final answer. */
import type { PhoneCall } from './call.ts';
import type { SipMessage } from './message.ts';

export interface Transaction {
  readonly text: string;
  readonly call: PhoneCall | undefined;
  onFinal(response: SipMessage): void;
  timer: NodeJS.Timeout | undefined;
  readonly startedAt: number;
  provisional: boolean;
}

/** RFC 3261 §17.1.1.1. */
export const T1_MS = 500;
