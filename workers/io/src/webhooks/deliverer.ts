/**
 * Delivers outboxes: any number of workers, each subscription by one of them at a time, its events in order. An event is told again only
 * when its attempt failed, or when the worker died between the answer and the row.
 */
import { randomUUID } from 'node:crypto';
import {
  type ClaimedWebhook,
  claimWebhooks,
  type DueDelivery,
  fillOutboxes,
  type Keyring,
  nextDelivery,
  openWebhookSecrets,
  releaseWebhook,
  type Settlement,
  type Store,
  settleDelivery,
} from '@callwright/store';
import type { HttpSender } from '../http-request.ts';
import type { DeliveryRule } from './delivery-rule.ts';

/** Longer than any attempt may take, so that a claim does not run out under one. */
const CLAIM_MS = 90_000;
/** Subscriptions served at a time by one worker: a slow receiver holds up its own only. */
const AT_A_TIME = 20;
/** After that many the others get a turn. */
const IN_A_ROW = 100;

export interface DelivererParts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly http: HttpSender;
  /** By the name that the subscription has in column `rule`. */
  readonly rules: Readonly<Record<string, DeliveryRule>>;
  /** Other than in tests: 90 s. */
  readonly claimMs?: number;
}

export interface Deliverer {
  /** One round: fills the outboxes and begins what is due. Rejects when the store cannot be reached. */
  round(): Promise<void>;
  /** Ends when no attempt is under way any more; nothing new begins. */
  stop(): Promise<void>;
}

export function webhookDeliverer({ store, keyring, http, rules, claimMs = CLAIM_MS }: DelivererParts): Deliverer {
  const worker = randomUUID();
  const serving = new Map<string, Promise<void>>();
  let stopped = false;

  const attempt = async (rule: DeliveryRule, webhook: ClaimedWebhook, delivery: DueDelivery): Promise<Settlement> => {
    const began = Date.now();
    const secrets = await openWebhookSecrets(store.db, keyring, webhook.companyId, webhook.id);
    const request = rule.build(delivery, webhook, secrets, began);
    if (!request) return { state: 'delivered', pauseMs: 0, durationMs: 0, httpStatus: null, error: null };
    const { result } = await http.send(request, delivery.eventId);
    const verdict = rule.judge(result);
    const done = {
      durationMs: Date.now() - began,
      httpStatus: result.status === 'http' ? result.httpStatus : null,
      error: verdict.state === 'delivered' ? null : verdict.error.slice(0, 500),
    };
    if (verdict.state !== 'retry') return { ...done, state: verdict.state, pauseMs: 0 };
    const pauseMs = rule.pauseMs(delivery.attempts + 1);
    return pauseMs === null ? { ...done, state: 'dead', pauseMs: 0 } : { ...done, state: 'waiting', pauseMs };
  };

  const serve = async (webhook: ClaimedWebhook): Promise<void> => {
    const rule = rules[webhook.rule];
    for (let count = 0; rule && count < IN_A_ROW && !stopped; count += 1) {
      const delivery = await nextDelivery(store.db, worker, webhook, claimMs);
      if (!delivery) break;
      await settleDelivery(store.db, worker, webhook, delivery.number, await attempt(rule, webhook, delivery));
    }
    await releaseWebhook(store.db, worker, webhook);
  };

  return {
    round: async () => {
      while ((await fillOutboxes(store.db)) > 0 && !stopped);
      const room = AT_A_TIME - serving.size;
      if (room <= 0 || stopped) return;
      for (const webhook of await claimWebhooks(store.db, worker, claimMs, {
        rules: Object.keys(rules),
        limit: room,
      })) {
        const served = serve(webhook)
          // the claim runs out by itself
          .catch(() => {})
          .finally(() => serving.delete(webhook.id));
        serving.set(webhook.id, served);
      }
    },
    stop: async () => {
      stopped = true;
      await Promise.all(serving.values());
    },
  };
}
