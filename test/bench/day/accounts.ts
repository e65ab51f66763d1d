/** Whether what the product wrote of a day's calls adds up to what the generator saw: each call, each user, each disposition. */

import type { TestUser } from '../../chaos/population.ts';
import type { World } from '../../e2e/world.ts';
import type { SeenCall } from './office.ts';

const PAGE = 100;
/** Clocks, the network and the far end's answer lie between the two views. */
const TOLERANCE_MS = 1000;

/** Calls whose course is told beside the difference. */
const MOST_TIMELINES = 10;

interface Kept {
  readonly id: string;
  readonly disposition: string;
  readonly durationMs: number;
  readonly talkMs: number;
  readonly queueMs: number;
  readonly connected: { readonly number: string } | null;
}
interface Line {
  readonly id: number;
  readonly way: 'in' | 'out';
  readonly disposition: string;
  readonly missed: boolean;
}
interface WithCdr {
  readonly id: string;
  readonly cdr: { readonly legs: readonly { readonly sipCallId: string | null }[] } | null;
}

async function all<T>(world: World, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const joint = path.includes('?') ? '&' : '?';
    const page: { items: T[]; next: string | null } = await world.must(
      'GET',
      `${path}${joint}limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}

/** What differs, in words; empty when all adds up. */
export interface Accounts {
  readonly calls: number;
  readonly kept: number;
  readonly dispositions: Readonly<Record<string, number>>;
  readonly talkSeconds: { readonly seen: number; readonly kept: number };
  readonly worstTalkMs: number;
  readonly differences: readonly string[];
}

export async function compare(world: World, seen: readonly SeenCall[], users: readonly TestUser[]): Promise<Accounts> {
  const kept = new Map((await all<Kept>(world, '/history')).map((call) => [call.id, call]));
  const ids = new Map<string, string>();
  for (const { id, cdr } of await all<WithCdr>(world, '/calls?state=ended'))
    for (const { sipCallId } of cdr?.legs ?? []) if (sipCallId !== null) ids.set(sipCallId, id);
  const differences: string[] = [];
  const differ = (what: string): void => {
    differences.push(what);
  };
  let worstTalkMs = 0;
  let timelines = 0;
  const talkSeconds = { seen: 0, kept: 0 };
  for (const call of seen) {
    const found = kept.get(ids.get(call.callId) ?? '');
    if (!found) {
      differ(`${call.kind} ${call.callId} has no CDR`);
      continue;
    }
    const own = differencesOf(call, found);
    const course = own.length > 0 && timelines++ < MOST_TIMELINES ? ` [${await timeline(world, found.id)}]` : '';
    for (const each of own) differ(`${call.kind} ${call.callId}: ${each}${course}`);
    worstTalkMs = Math.max(worstTalkMs, Math.abs(found.talkMs - call.talkMs));
    talkSeconds.seen += call.talkMs / 1000;
    talkSeconds.kept += found.talkMs / 1000;
  }
  if (kept.size !== seen.length) differ(`${seen.length} calls were made, ${kept.size} are kept`);
  for (const user of users) for (const each of await ofUser(world, user, seen)) differ(each);
  return {
    calls: seen.length,
    kept: kept.size,
    dispositions: counted([...kept.values()].map(({ disposition }) => disposition)),
    talkSeconds: { seen: Math.round(talkSeconds.seen), kept: Math.round(talkSeconds.kept) },
    worstTalkMs: Math.round(worstTalkMs),
    differences,
  };
}

/** What happened in a call and when, ms from its first record, for whoever looks for the reason of a difference. */
async function timeline(world: World, id: string): Promise<string> {
  const records = await world.records(id);
  const first = Date.parse(String(records[0]?.at));
  return records.map(({ at, type }) => `${Date.parse(String(at)) - first} ${type}`).join(', ');
}

function differencesOf(call: SeenCall, kept: Kept): string[] {
  const found: string[] = [];
  if (kept.disposition !== call.disposition) found.push(`is ${kept.disposition}, was ${call.disposition}`);
  for (const field of ['durationMs', 'talkMs', 'queueMs'] as const)
    if (Math.abs(kept[field] - call[field]) > TOLERANCE_MS)
      found.push(`${field} is ${kept[field]}, was ${Math.round(call[field])}`);
  const connected = call.talkMs > 0 ? call.to : null;
  if ((kept.connected?.number ?? null) !== connected)
    found.push(`talked with ${kept.connected?.number}, in truth with ${connected}`);
  return found;
}

/** A user's lines: calls made; calls that came, by how they ended. */
async function ofUser(world: World, user: TestUser, seen: readonly SeenCall[]): Promise<string[]> {
  const lines = await all<Line>(world, `/users/${user.id}/history`);
  const kept = counted(lines.map(({ way, missed }) => (way === 'out' ? 'made' : missed ? 'missed' : 'taken')));
  const truth = counted([
    ...seen.filter(({ from }) => from === user.extension).map(() => 'made'),
    ...seen.filter(({ to }) => to === user.extension).map(({ talkMs }) => (talkMs > 0 ? 'taken' : 'missed')),
  ]);
  return ['made', 'taken', 'missed'].flatMap((what) =>
    (kept[what] ?? 0) === (truth[what] ?? 0)
      ? []
      : [`user ${user.extension}: ${kept[what] ?? 0} ${what}, in truth ${truth[what] ?? 0}`],
  );
}

function counted(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
