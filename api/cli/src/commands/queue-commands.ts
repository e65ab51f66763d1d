/** `queues`: who waits where, and what the agents are doing. */
import type { Command } from 'commander';
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import { type Output, table } from '../output.ts';

interface QueueView {
  readonly id: string;
  readonly name: string;
  readonly extension: string | null;
  readonly strategy: string;
}

interface Live {
  readonly waiting: readonly {
    readonly position: number;
    readonly calling: { readonly number: string; readonly name: string };
    readonly waitedMs: number;
    readonly priority: number;
    readonly away: boolean;
    readonly ringing: boolean;
  }[];
  readonly agents: readonly {
    readonly userId: string;
    readonly extension: string;
    readonly name: string;
    readonly state: string;
    readonly pause: { readonly reason: string } | null;
    readonly taken: number;
  }[];
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

async function listQueues(api: Api, out: Output): Promise<void> {
  const queues = await api.all<QueueView>('/queues');
  const live = await Promise.all(queues.map(({ id }) => api.ask<Live>('GET', `/queues/${id}/live`)));
  const rows = queues.map((queue, index) => ({ ...queue, ...live[index]! }));
  out.show(rows, () =>
    table([
      ['NAME', 'EXTENSION', 'STRATEGY', 'WAITING', 'LONGEST', 'READY', 'ID'],
      ...rows.map(({ name, extension, strategy, waiting, agents, id }) => [
        name,
        extension ?? '',
        strategy,
        String(waiting.length),
        seconds(Math.max(0, ...waiting.map((one) => one.waitedMs))),
        `${agents.filter(({ state }) => state === 'ready').length}/${agents.length}`,
        id,
      ]),
    ]),
  );
}

interface Interval {
  readonly from: string | null;
  readonly entered: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly averageWaitMs: number | null;
  readonly serviceLevel: number | null;
  readonly serviceLevel2: number | null;
}

interface Span {
  readonly from?: string;
  readonly to?: string;
  readonly by?: string;
}

const percent = (share: number | null): string => (share === null ? '' : `${Math.round(share * 100)} %`);
const isoOption = (text: string): string => {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new CliError('CLI_USAGE', `${text} is no time: give it as 2026-01-31T08:00.`);
  return time.toISOString();
};

function spanOf({ from, to, by }: Span): string {
  const query = new URLSearchParams({
    ...(from ? { from: isoOption(from) } : {}),
    ...(to ? { to: isoOption(to) } : {}),
    ...(by ? { by } : {}),
  });
  return query.size > 0 ? `?${query}` : '';
}

async function showStatistics(api: Api, out: Output, name: string, span: Span): Promise<void> {
  const queue = await byName(api, name);
  const found = await api.ask<{ intervals: readonly Interval[]; sum: Interval }>(
    'GET',
    `/queues/${queue.id}/statistics${spanOf(span)}`,
  );
  out.show(found, () =>
    table([
      ['FROM', 'CALLERS', 'ANSWERED', 'ABANDONED', 'WAIT', 'SL', 'SL2'],
      ...[...found.intervals, found.sum].map((one) => [
        one.from ?? 'sum',
        String(one.entered),
        String(one.answered),
        String(one.abandoned),
        one.averageWaitMs === null ? '' : seconds(one.averageWaitMs),
        percent(one.serviceLevel),
        percent(one.serviceLevel2),
      ]),
    ]),
  );
}

interface AgentDay {
  readonly extension: string;
  readonly name: string;
  readonly offered: number;
  readonly answered: number;
  readonly missed: number;
  readonly averageTalkMs: number | null;
  readonly loggedInMs: number;
  readonly pausedMs: number;
}

async function showAgents(api: Api, out: Output, name: string, span: Span): Promise<void> {
  const queue = await byName(api, name);
  const found = await api.ask<{ items: readonly AgentDay[] }>(
    'GET',
    `/queues/${queue.id}/agent-statistics${spanOf(span)}`,
  );
  const minutes = (ms: number): string => `${Math.round(ms / 60_000)} min`;
  out.show(found.items, () =>
    table([
      ['AGENT', 'NAME', 'OFFERED', 'ANSWERED', 'MISSED', 'TALK', 'LOGGED IN', 'PAUSED'],
      ...found.items.map((one) => [
        one.extension,
        one.name,
        String(one.offered),
        String(one.answered),
        String(one.missed),
        one.averageTalkMs === null ? '' : seconds(one.averageTalkMs),
        minutes(one.loggedInMs),
        minutes(one.pausedMs),
      ]),
    ]),
  );
}

async function byName(api: Api, name: string): Promise<QueueView> {
  const queues = await api.all<QueueView>('/queues');
  const found = queues.find((one) => one.name === name || one.extension === name || one.id === name);
  if (!found) throw new CliError('CLI_NOT_FOUND', `There is no queue ${name}: "callwright queues" lists them.`);
  return found;
}

async function showQueue(api: Api, out: Output, name: string): Promise<void> {
  const queue = await byName(api, name);
  const live = await api.ask<Live>('GET', `/queues/${queue.id}/live`);
  out.show({ ...queue, ...live }, () => [
    ...table([
      ['PLACE', 'CALLER', 'WAITED', 'PRIORITY', 'STATE'],
      ...live.waiting.map(({ position, calling, waitedMs, priority, away, ringing }) => [
        String(position),
        `${calling.name} ${calling.number}`.trim(),
        seconds(waitedMs),
        String(priority),
        away ? 'away' : ringing ? 'ringing' : 'waiting',
      ]),
    ]),
    '',
    ...table([
      ['AGENT', 'NAME', 'STATE', 'CALLS'],
      ...live.agents.map(({ extension, name: who, state, pause, taken }) => [
        extension,
        who,
        pause ? `${state} (${pause.reason})` : state,
        String(taken),
      ]),
    ]),
  ]);
}

async function command(api: Api, out: Output, name: string, extension: string, act: string): Promise<void> {
  const queue = await byName(api, name);
  const { agents } = await api.ask<Live>('GET', `/queues/${queue.id}/live`);
  const agent = agents.find((one) => one.extension === extension);
  if (!agent) throw new CliError('CLI_NOT_FOUND', `${extension} is no agent of ${queue.name}.`);
  const answer = await api.ask('POST', `/users/${agent.userId}/agent`, { body: { do: act, queueId: queue.id } });
  out.show(answer, () => [`${extension}: ${act}`]);
}

/** `queues`, `queues show`, `queues statistics`, `queues agents`, `queues log-in`, `queues log-out`. */
export function addQueueCommands(program: Command, api: () => Api, out: () => Output): void {
  const queues = program
    .command('queues')
    .description('queues: who waits, who is ready')
    .action(() => listQueues(api(), out()));
  queues
    .command('show')
    .argument('<queue>', 'name, extension or id')
    .description('callers in their order, agents with what they are doing')
    .action((queue: string) => showQueue(api(), out(), queue));
  const span = (command: Command): Command =>
    command.option('--from <time>', 'default: a day ago').option('--to <time>', 'default: now');
  span(queues.command('statistics'))
    .argument('<queue>', 'name, extension or id')
    .option('--by <interval>', 'hour, day or month', 'hour')
    .description('what has been: callers, waiting, service levels')
    .action((queue: string, options: Span) => showStatistics(api(), out(), queue, options));
  span(queues.command('agents'))
    .argument('<queue>', 'name, extension or id')
    .description('what the agents have done: calls, talk, times logged in and paused')
    .action((queue: string, options: Span) => showAgents(api(), out(), queue, options));
  for (const act of ['log-in', 'log-out'])
    queues
      .command(act)
      .argument('<queue>', 'name, extension or id')
      .argument('<extension>', 'of the agent')
      .description(`${act.replace('-', ' ')} an agent`)
      .action((queue: string, extension: string) => command(api(), out(), queue, extension, act));
}
