/** The delivery rule of our own webhooks: a signed POST of JSON; any 2xx is taken; about a day of attempts. */
import type { IoResult } from '@callwright/engine';
import { backOff, type DeliveryRule, type Verdict } from './delivery-rule.ts';
import { SIGNATURE_HEADER, signatureOf } from './signature.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const TIMEOUT_MS = 10 * SECOND_MS;
/** Ten attempts in a day; a receiver that was away for a night misses nothing. */
const PAUSES_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
  10 * HOUR_MS,
];

function judge(result: IoResult): Verdict {
  if (result.status === 'http') {
    const { httpStatus } = result;
    if (httpStatus >= 200 && httpStatus < 300) return { state: 'delivered' };
    // the receiver says that it will never want it
    if (httpStatus === 410) return { state: 'dead', error: 'HTTP 410' };
    return { state: 'retry', error: `HTTP ${httpStatus}` };
  }
  if (result.status !== 'io-failed') return { state: 'retry', error: result.status };
  return { state: result.code === 'refused' ? 'dead' : 'retry', error: `${result.code}: ${result.message}` };
}

/** The rule; pauses in ms, one fewer than there are attempts. */
export const callwrightRule = (pausesMs: readonly number[] = PAUSES_MS): DeliveryRule => ({
  build: ({ body, type, eventId }, webhook, secrets, at) => {
    const text = JSON.stringify(body);
    return {
      method: 'POST',
      url: webhook.url,
      headers: {
        'content-type': 'application/json',
        'callwright-event': type,
        'callwright-event-id': eventId,
        ...(secrets.length > 0 ? { [SIGNATURE_HEADER]: signatureOf(text, secrets, at) } : {}),
      },
      body: text,
      timeoutMs: TIMEOUT_MS,
      retries: 0,
      retryUnsafe: false,
    };
  },
  judge,
  pauseMs: backOff(pausesMs),
});
