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

/** `queues`, `queues show`, `queues log-in`, `queues log-out`. */
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
  for (const act of ['log-in', 'log-out'])
    queues
      .command(act)
      .argument('<queue>', 'name, extension or id')
      .argument('<extension>', 'of the agent')
      .description(`${act.replace('-', ' ')} an agent`)
      .action((queue: string, extension: string) => command(api(), out(), queue, extension, act));
}
