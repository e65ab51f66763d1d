/** Replay of calls that are over against a draft or another revision. */
import { setImmediate } from 'node:timers/promises';
import { flowHistoryRoutes as routes } from '@callwright/api-contract';
import type { RevisionClosure } from '@callwright/engine';
import { type Replayed, replayCall } from '@callwright/engine/replay';
import {
  type CompanyScope,
  CryptoError,
  closureByHash,
  type Db,
  type FinishedCall,
  finishedCallsOf,
  getFlow,
  getRevision,
  type Keyring,
  wholeRecords,
} from '@callwright/store';
import { pinDraft } from '../flows/publication.ts';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso } from '../http/paging.ts';

const DAY_MS = 86_400_000;
/** Records of one call; a longer one is told unreadable rather than holding up the others. */
const MOST_RECORDS = 5_000;

const UNREADABLE: Replayed = { verdict: 'unreadable', divergence: null, before: null, after: null };

const callView = ({ id, number, revision_hash, calling, called, created_at }: FinishedCall) => ({
  id,
  number,
  revision: revision_hash,
  calling,
  called,
  createdAt: iso(created_at),
});

export function flowHistoryHandlers({ store: { db }, keyring }: Services): Implementation[] {
  return [
    implement(routes.replayFlow, async ({ params, body }, { company, audit }) => {
      const other = await closureToTry(db, company, params.id, body.against);
      const to = body.to === undefined ? new Date() : new Date(body.to);
      const from = body.from === undefined ? new Date(to.getTime() - DAY_MS) : new Date(body.from);
      const before = body.cursor === undefined ? null : Number(body.cursor);
      const calls = await finishedCallsOf(db, company, params.id, { before, limit: body.limit, from, to });
      const ran = new Map<string, RevisionClosure | null>();
      const items = [];
      for (const call of calls.items) {
        const hash = call.revision_hash;
        if (!ran.has(hash)) ran.set(hash, await closureByHash(db, company, hash));
        const replayed = await replayOne({ db, keyring, company }, call, ran.get(hash) ?? null, other);
        items.push({ call: callView(call), ...plain(replayed) });
        // requests of others are served between two calls
        await setImmediate();
      }
      // entries of callers were read, if not shown
      if (before === null) {
        const detail = { against: body.against, from: iso(from), to: iso(to) };
        await audit({ action: 'flow.replayed', entity: { type: 'flow', id: params.id }, detail });
      }
      return { items, next: calls.next };
    }),
  ];
}

/** Throws `API_FLOW_INVALID` for a draft with errors, `API_NOT_FOUND` for what is not there. */
async function closureToTry(
  db: Db,
  company: CompanyScope,
  flowId: string,
  against: 'draft' | number,
): Promise<RevisionClosure> {
  const flow = found(await getFlow(db, company, flowId));
  if (against === 'draft') return (await pinDraft(db, company, flow.id, flow.draft)).closure;
  return found(await getRevision(db, company, flow.id, against)).closure;
}

interface Reading {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly company: CompanyScope;
}

async function replayOne(
  { db, keyring, company }: Reading,
  call: FinishedCall,
  ran: RevisionClosure | null,
  other: RevisionClosure,
): Promise<Replayed> {
  if (!ran) return UNREADABLE;
  try {
    const records = await wholeRecords(db, keyring, company, call.id, MOST_RECORDS);
    return records ? replayCall(records, ran, other) : UNREADABLE;
  } catch (error) {
    if (error instanceof CryptoError) return UNREADABLE;
    throw error;
  }
}

/** Answers are lists that may be changed. */
function plain({ verdict, divergence, before, after }: Replayed) {
  const side = (one: Replayed['before']) => one && { ...one, path: [...one.path], reached: [...one.reached] };
  return { verdict, divergence, before: side(before), after: side(after) };
}
