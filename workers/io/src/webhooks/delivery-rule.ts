/** How a kind of subscription is delivered: what is sent, what counts as taken, how often it is tried. A contract brings its own. */
import type { HttpRequest, IoResult } from '@callwright/engine';
import type { ClaimedWebhook, DueDelivery } from '@callwright/store';

/** What has come of an attempt: taken; to be tried again; given up. `error` is kept with the attempt. */
export type Verdict =
  | { readonly state: 'delivered' }
  | { readonly state: 'retry'; readonly error: string }
  | { readonly state: 'dead'; readonly error: string };

export interface DeliveryRule {
  /**
   * The request of an attempt; null: this subscription sends nothing for the event, which counts as delivered. `secrets` are those in
   * use, newest first; `at` is the time of the attempt in epoch ms.
   */
  readonly build: (
    delivery: DueDelivery,
    webhook: ClaimedWebhook,
    secrets: readonly string[],
    at: number,
  ) => HttpRequest | null;
  readonly judge: (result: IoResult) => Verdict;
  /** Pause before the next attempt in ms after `attempts` failed ones; null: given up. */
  readonly pauseMs: (attempts: number) => number | null;
}

/** Pauses of one list, the attempt after the last is not made. Each is up to a tenth longer, so that many do not come at once. */
export function backOff(pausesMs: readonly number[], random: () => number = Math.random): DeliveryRule['pauseMs'] {
  return (attempts) => {
    const pause = pausesMs[attempts - 1];
    return pause === undefined ? null : Math.round(pause * (1 + random() / 10));
  };
}
