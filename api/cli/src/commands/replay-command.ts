/** `replay`: calls that are over against a draft or another revision. */
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import { type Output, table } from '../output.ts';

export interface ReplayOptions {
  readonly against: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
  readonly check: boolean;
}

interface Side {
  readonly path: readonly Step[];
  readonly reached: readonly string[];
  readonly end: { readonly kind: string; readonly node: string | null };
}

interface Step {
  readonly node: string;
  readonly outcome: string;
}

interface ReplayedCall {
  readonly call: { readonly number: number; readonly calling: { readonly number: string }; readonly createdAt: string };
  readonly verdict: 'same' | 'other-way' | 'elsewhere' | 'unknown' | 'unreadable';
  readonly divergence: { readonly before: Step | null; readonly after: Step | null } | null;
  readonly before: Side | null;
  readonly after: Side | null;
}

/** Calls of one request: progress is told between two. */
const PAGE = 100;
const DIRECT = /^(?:draft|[1-9][0-9]{0,8})$/;

const stepText = (step: Step | null, side: Side | null): string => {
  if (step) return `${step.node} "${step.outcome}"`;
  return side?.end.node ? `stays at ${side.end.node}` : 'the end';
};
const reachedText = (side: Side | null): string => side?.reached.join(', ') || 'nobody';

/**
 * Tells how many calls go which way and who would go elsewhere. `progress` is told the calls taken so far. With `check` it fails when
 * somebody would.
 */
export async function replay(
  api: Api,
  out: Output,
  name: string,
  { against, from, to, limit, check }: ReplayOptions,
  progress: (done: number) => void,
): Promise<void> {
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1) throw new CliError('CLI_USAGE', '--limit must be a positive number.');
  if (!DIRECT.test(against)) throw new CliError('CLI_USAGE', '--against must be "draft" or the number of a revision.');
  const page = await api.ask<{ items: { id: string }[] }>('GET', '/flows', { query: { name } });
  const flow = page.items[0];
  if (!flow) throw new CliError('CLI_NOT_FOUND', `There is no flow ${name}.`);
  const calls: ReplayedCall[] = [];
  // one time for all pages
  const until = to ?? new Date().toISOString();
  let cursor: string | null = null;
  do {
    const body: Record<string, unknown> = {
      against: against === 'draft' ? against : Number(against),
      to: until,
      limit: Math.min(PAGE, most - calls.length),
      ...(from === undefined ? {} : { from }),
      ...(cursor === null ? {} : { cursor }),
    };
    const answer: { items: ReplayedCall[]; next: string | null } = await api.ask('POST', `/flows/${flow.id}/replay`, {
      body,
    });
    calls.push(...answer.items);
    cursor = answer.next;
    progress(calls.length);
  } while (cursor !== null && calls.length < most);
  const elsewhere = calls.filter(({ verdict }) => verdict === 'elsewhere');
  out.show({ flow: name, against, counts: countsOf(calls), more: cursor !== null, calls }, () => [
    ...summary(calls),
    ...(elsewhere.length > 0 ? ['', ...listed(elsewhere)] : []),
    ...(cursor === null ? [] : ['', `There are more calls than --limit ${limit}.`]),
  ]);
  if (check && elsewhere.length > 0) throw new CliError('CLI_FAILED_TESTS', '');
}

function countsOf(calls: readonly ReplayedCall[]): Record<ReplayedCall['verdict'], number> {
  const counts = { same: 0, 'other-way': 0, elsewhere: 0, unknown: 0, unreadable: 0 };
  for (const { verdict } of calls) counts[verdict] += 1;
  return counts;
}

function summary(calls: readonly ReplayedCall[]): string[] {
  const counts = countsOf(calls);
  return [
    `${calls.length} calls: ${counts.same} go the same way, ${counts['other-way']} another way to the same people, ${counts.elsewhere} elsewhere.`,
    ...(counts.unknown > 0 ? [`${counts.unknown} are asked what nobody asked them: it cannot be told.`] : []),
    ...(counts.unreadable > 0 ? [`${counts.unreadable} have no records that tell them.`] : []),
  ];
}

function listed(calls: readonly ReplayedCall[]): string[] {
  const rows = calls.map(({ call, divergence, before, after }) => [
    String(call.number),
    call.createdAt.replace('T', ' ').slice(0, 19),
    call.calling.number,
    divergence ? stepText(divergence.before, before) : '',
    divergence ? stepText(divergence.after, after) : '',
    reachedText(before),
    reachedText(after),
  ]);
  return table([['CALL', 'WHEN', 'CALLER', 'THEN', 'NOW', 'REACHED', 'WOULD REACH'], ...rows]);
}
