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
  renewClaim,
  type Settlement,
  type Store,
  settleDelivery,
} from '@callwright/store';
import type { HttpSender } from '../http-request.ts';
import type { DeliveryRule } from './delivery-rule.ts';

/** What a worker that died held is taken over after this; longer than a crowded machine holds a living one up. */
const CLAIM_MS = 15_000;
/** A claim is renewed so many times before it would run out, however long an attempt takes. */
const RENEWALS = 3;
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
  /** Other than in tests: 15 s. */
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

  /** Keeps the claim for as long as the attempt takes. */
  const renewing = async <T>(webhook: ClaimedWebhook, work: Promise<T>): Promise<T> => {
    const renewal = setInterval(() => {
      // while the store is away nobody else can claim either
      renewClaim(store.db, worker, webhook, claimMs).catch(() => {});
    }, claimMs / RENEWALS);
    return work.finally(() => clearInterval(renewal));
  };

  const serve = async (webhook: ClaimedWebhook): Promise<void> => {
    const rule = rules[webhook.rule];
    for (let count = 0; rule && count < IN_A_ROW && !stopped; count += 1) {
      const delivery = await nextDelivery(store.db, worker, webhook, claimMs);
      if (!delivery) break;
      const done = await renewing(webhook, attempt(rule, webhook, delivery));
      await settleDelivery(store.db, worker, webhook, delivery.number, done);
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
