/**
 * Tells partners what is in their outboxes: any number of workers, each module by one of them at a time, its notices in order. Whether a
 * request is sent again is its contract's rule.
 */
import { randomUUID } from 'node:crypto';
import { type DeliveryRule, type Notice, PARTNERS, partnerContract } from '@callwright/partners';
import {
  type ClaimedModule,
  claimModules,
  type DueNotice,
  type NoticeEnd,
  releaseModule,
  type SettledNotice,
  type Store,
  settleNotice,
  sweepPartners,
  takeNotice,
} from '@callwright/store';
import type { Notifier, Told } from './notify.ts';
import { projectDirectory, projectFacts, type ReadFailed } from './projection.ts';

/** Longer than any request may take: until its answer, and until that has been read. What a sender that died was at waits as long. */
const CLAIM_MS = 2 * Math.max(...PARTNERS.map(({ events }) => events.rule.timeoutMs)) + 2000;
/** Modules told at a time by one worker: a slow receiver holds up its own only. */
const AT_A_TIME = 256;
/** After that many in a row others get a turn. */
const IN_A_ROW = 100;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const KEPT_DAYS = 7;
const SWEEP_MS = 3_600_000;
/** What was stored is read when all that began before it is stored, too: one looks again soon after a notice of the store, then less often. */
const SHORTEST_PAUSE_MS = 8;
const IDLE_PAUSE_MS = 250;

export interface TellerParts {
  readonly store: Store;
  readonly notifier: Notifier;
  readonly failed: ReadFailed;
  /** In tests other than what the contracts' time-outs make it. */
  readonly claimMs?: number;
}

export interface Teller {
  /** One round: reads new facts and begins what is due. Rejects when the store cannot be reached. */
  round(): Promise<void>;
  /** Something was stored that a round may read. */
  hear(): void;
  /** How long the next round may wait. */
  pauseMs(): number;
  /** Ends when no request is under way any more; nothing new begins. */
  stop(): Promise<void>;
}

/** What becomes of a notice after a request. */
export function judge(told: Told, { attempts, ageMs }: DueNotice, rule: DeliveryRule): NoticeEnd {
  const httpStatus = told.state === 'answered' ? told.httpStatus : null;
  const taken = told.state === 'answered' && (rule.repeat === 'unopened' || (httpStatus! >= 200 && httpStatus! < 300));
  if (taken) return { state: 'sent', httpStatus, error: null };
  const error = told.state === 'answered' ? `HTTP ${httpStatus}` : told.error;
  const again = told.state === 'unopened' || (rule.repeat === 'until-2xx' && told.state !== 'refused');
  if (!again || ageMs > rule.giveUpAfterMs) return { state: 'failed', httpStatus, error };
  return {
    state: 'waiting',
    againInMs: Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 10)),
    error,
  };
}

export function partnerTeller({ store, notifier, failed, claimMs = CLAIM_MS }: TellerParts): Teller {
  const worker = randomUUID();
  const serving = new Map<string, Promise<void>>();
  let stopped = false;
  let sweptAt = Date.now();
  let directoryAt = 0;
  let heardAt = 0;
  let claimedAt = 0;
  const hear = (): void => {
    heardAt = Date.now();
  };

  /** How a module is told, its settings read once for all that is due. */
  const toldBy = ({ contract: name, settings: kept, enabled }: ClaimedModule) => {
    const contract = partnerContract(name);
    const settings = contract?.settings.safeParse(kept);
    return async (due: DueNotice): Promise<NoticeEnd> => {
      if (!contract || !settings?.success || !enabled) return { state: 'failed', httpStatus: null, error: 'disabled' };
      const { rule, url } = contract.events;
      const told = await notifier.tell(url(settings.data, due.notice as unknown as Notice), rule.timeoutMs);
      return judge(told, due, rule);
    };
  };

  const serve = async (module: ClaimedModule): Promise<void> => {
    const tell = toldBy(module);
    let before: SettledNotice | null = null;
    for (let count = 0; count < IN_A_ROW && !stopped; count += 1) {
      const due: DueNotice | null = await takeNotice(store.db, worker, claimMs, module, before);
      before = null;
      if (!due) break;
      before = { number: due.number, end: await tell(due) };
    }
    if (before) await settleNotice(store.db, module.companyId, before);
    await releaseModule(store.db, worker, module);
  };

  const beginDue = async (): Promise<void> => {
    claimedAt = Date.now();
    const room = AT_A_TIME - serving.size;
    if (room <= 0 || stopped) return;
    for (const module of await claimModules(store.db, worker, claimMs, room)) {
      hear();
      const served = serve(module)
        // the claim runs out by itself
        .catch(() => {})
        .finally(() => {
          serving.delete(module.id);
          // what came between its last look and its release waits for the next
          claimedAt = 0;
          hear();
        });
      serving.set(module.id, served);
    }
  };

  return {
    round: async () => {
      let told = false;
      for (let more = true; more && !stopped; ) {
        const projected = await projectFacts(store, failed);
        ({ more } = projected);
        told ||= projected.told;
        // whoever is at it tells what comes of it, too
        if (projected.elsewhere) heardAt = 0;
      }
      if (Date.now() - directoryAt >= IDLE_PAUSE_MS) {
        directoryAt = Date.now();
        await projectDirectory(store);
      }
      if (told || Date.now() - claimedAt >= IDLE_PAUSE_MS) await beginDue();
      if (Date.now() - sweptAt < SWEEP_MS) return;
      sweptAt = Date.now();
      await sweepPartners(store.db, KEPT_DAYS);
    },
    hear,
    pauseMs: () => Math.max(SHORTEST_PAUSE_MS, Math.min(IDLE_PAUSE_MS, (Date.now() - heardAt) / 2)),
    stop: async () => {
      stopped = true;
      await Promise.all(serving.values());
    },
  };
}
