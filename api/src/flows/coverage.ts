/** The publish gate: what share of a draft's arrows tests take, searched beside the process that serves requests. */
import { Worker } from 'node:worker_threads';
import type { RevisionClosure } from '@callwright/engine';
import type { TestCallOptions } from '@callwright/engine/testing';
import {
  type CompanyScope,
  type Db,
  listCalendars,
  listFlowTests,
  listRingGroups,
  listUsers,
  type Page,
  settingsOfCompany,
} from '@callwright/store';
import { ApiError } from '../problem.ts';
import type { CoverageAnswer, CoverageQuestion } from './coverage-worker.ts';

/** A search that takes longer is given up: the caller of the route waits for it. */
const LONGEST_MS = 30_000;
/** Searches that wait for the one that runs. */
const MOST_WAITING = 8;
const PAGE = 500;
const MOST_PAGES = 10;

let thread: Worker | null = null;
let waiting = 0;
let last: Promise<unknown> = Promise.resolve();

/** True when the company publishes tested flows only. */
export async function testsRequired(db: Db, company: CompanyScope): Promise<boolean> {
  return (await settingsOfCompany(db, company)).testedFlowsOnly === true;
}

/** Throws `API_UNAVAILABLE` while many others search, or when the search takes too long. */
export async function measureCoverage(
  db: Db,
  company: CompanyScope,
  flowId: string,
  closure: RevisionClosure,
): Promise<CoverageAnswer> {
  const [tests, world] = await Promise.all([listFlowTests(db, company, flowId), worldOf(db, company, closure)]);
  const kept = (tests ?? []).map(({ name, script, path }) => ({ name, script, path }));
  return ask({ closure, tests: kept, options: { world } });
}

/** One question after the other, so that a search takes one core of the machine at most. */
async function ask(question: CoverageQuestion): Promise<CoverageAnswer> {
  if (waiting >= MOST_WAITING) throw new ApiError('API_UNAVAILABLE', { retryAfterSeconds: 5 });
  waiting += 1;
  const answer = last.then(() => search(question));
  last = answer
    .catch(() => undefined)
    .then(() => {
      waiting -= 1;
    });
  return answer;
}

/** Kept between searches, for a thread reads the whole engine first; it holds up nobody's exit. */
async function search(question: CoverageQuestion): Promise<CoverageAnswer> {
  thread ??= new Worker(new URL('./coverage-worker.ts', import.meta.url));
  const worker = thread;
  worker.unref();
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise<CoverageAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      timer = setTimeout(
        () => reject(new ApiError('API_UNAVAILABLE', { detail: 'The search for tests took too long.' })),
        LONGEST_MS,
      );
      worker.postMessage(question);
    });
  } catch (error) {
    // what it still does is of no use, and its memory may be gone
    thread = null;
    await worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
    worker.removeAllListeners('message');
    worker.removeAllListeners('error');
  }
}

async function all<T>(page: (after: number) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let after = 0;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const { items: more, next } = await page(after);
    items.push(...more);
    if (next === null) break;
    after = Number(next);
  }
  return items;
}

/** The company as kept tests find it, as in the designer's simulator: every phone is registered and nobody is busy. */
async function worldOf(
  db: Db,
  company: CompanyScope,
  closure: RevisionClosure,
): Promise<Omit<TestCallOptions, 'world' | 'http'>> {
  const [users, groups, calendars] = await Promise.all([
    all((after) => listUsers(db, company, { after, limit: PAGE })),
    all((after) => listRingGroups(db, company, after, PAGE)),
    all((after) => listCalendars(db, company, after, PAGE)),
  ]);
  const language = closure.documents[closure.root]?.document.language;
  return {
    ...(language === undefined ? {} : { language }),
    users: Object.fromEntries(
      users.map(({ id, extension, givenName, familyName }) => [
        id,
        { extension, name: `${givenName} ${familyName}`.trim() || extension },
      ]),
    ),
    groups: byIdAndName(groups, ({ members, strategy, member_ring_ms, total_ring_ms }) => ({
      members: members.flatMap(({ userId }) => userId ?? []),
      strategy,
      memberRingMs: member_ring_ms,
      totalRingMs: total_ring_ms ?? 60_000,
    })),
    calendars: byIdAndName(calendars, ({ hours }) => hours),
  };
}

/** A flow may use either. */
function byIdAndName<T extends { readonly id: string; readonly name: string }, V>(
  items: readonly T[],
  pick: (item: T) => V,
): Record<string, V> {
  return Object.fromEntries(items.flatMap((item) => [item.id, item.name].map((key) => [key, pick(item)])));
}
