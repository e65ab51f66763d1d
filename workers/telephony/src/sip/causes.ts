/** SIP statuses to causes and back (RFC 3261 §21, RFC 3398 §8), and the one status for several failed branches (§16.7). */
import type { Cause } from '@callwright/engine';

const CAUSE_OF_STATUS: Readonly<Record<number, Cause>> = {
  403: 'rejected',
  404: 'unavailable',
  408: 'no-answer',
  410: 'unavailable',
  415: 'incompatible',
  480: 'unavailable',
  486: 'busy',
  487: 'cancelled',
  488: 'incompatible',
  503: 'congestion',
  600: 'busy',
  603: 'rejected',
  604: 'unavailable',
  606: 'incompatible',
  607: 'rejected',
};

/** Why a dialled leg failed, from the final status of its INVITE. */
export function causeOfStatus(status: number): Cause {
  const known = CAUSE_OF_STATUS[status];
  if (known) return known;
  return status >= 300 && status < 400 ? 'unavailable' : 'failed';
}

const STATUS_OF_CAUSE: Readonly<Record<Cause, number>> = {
  normal: 480,
  busy: 486,
  'no-answer': 480,
  rejected: 603,
  unavailable: 480,
  'not-found': 404,
  forbidden: 403,
  cancelled: 480,
  'answered-elsewhere': 480,
  congestion: 503,
  incompatible: 488,
  transferred: 480,
  'media-lost': 503,
  timeout: 408,
  failed: 500,
};

/** Status that refuses an unanswered inbound INVITE. */
export const statusOfCause = (cause: Cause): number => STATUS_OF_CAUSE[cause];

const Q850: Partial<Readonly<Record<Cause, readonly [number, string]>>> = {
  normal: [16, 'Normal call clearing'],
  busy: [17, 'User busy'],
  'no-answer': [19, 'No answer from user'],
  rejected: [21, 'Call rejected'],
  unavailable: [20, 'Subscriber absent'],
  'not-found': [1, 'Unallocated number'],
  congestion: [34, 'No circuit available'],
  incompatible: [88, 'Incompatible destination'],
  transferred: [16, 'Normal call clearing'],
  'media-lost': [41, 'Temporary failure'],
  timeout: [102, 'Recovery on timer expiry'],
  failed: [41, 'Temporary failure'],
};

/** Value of a Reason header (RFC 3326), or undefined where there is nothing to say. */
export function reasonHeader(cause: Cause): string | undefined {
  if (cause === 'answered-elsewhere') return 'SIP;cause=200;text="Call completed elsewhere"';
  const entry = Q850[cause];
  return entry ? `Q.850;cause=${entry[0]};text="${entry[1]}"` : undefined;
}

/** Best of the final statuses of a forked INVITE (RFC 3261 §16.7, point 6): any 6xx, else the most useful of the lowest class. */
export function bestStatus(statuses: readonly number[]): number {
  if (statuses.length === 0) return 480;
  const global = statuses.find((status) => status >= 600);
  if (global !== undefined) return global;
  const lowest = Math.min(...statuses.map((status) => Math.floor(status / 100)));
  const same = statuses.filter((status) => Math.floor(status / 100) === lowest);
  // a person who is there and busy says more than a device that is not
  const preferred = [486, 403, 408, 480, 488, 415];
  return preferred.find((status) => same.includes(status)) ?? same[0]!;
}
