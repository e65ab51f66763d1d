/**
 * `poolWorkflow`: the runner of a company's pool machine (design §4, who is free). Messages come by signal, replies go to the calls
 * by signal, every change is a row. It never ends; it continues as new when Temporal suggests it.
 */
import {
  callWorkflowId,
  type IoActivities,
  ioQueueOf,
  POOL_SIGNALS,
  POOL_STATE_QUERY,
  type PoolInput,
  type PoolStateAnswer,
} from '@callwright/contract';
import {
  type PoolCommand,
  type PoolEvent,
  type PoolMessage,
  type PoolState,
  type PoolStep,
  startPool,
  stepPool,
} from '@callwright/engine';
import {
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  log,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { callTimers } from './call-timers.ts';
import { orderedSignals } from './ordered-signals.ts';

const messageSignal = defineSignal<[PoolMessage]>(POOL_SIGNALS.message);
const stateQuery = defineQuery<PoolStateAnswer | null>(POOL_STATE_QUERY);

export interface PoolMachine {
  readonly start: typeof startPool;
  readonly step: typeof stepPool;
}

export interface PoolRunnerOptions {
  readonly machine: PoolMachine;
  /** Continue as new at this length of the history; absent: when Temporal suggests it. */
  readonly continueAfterEvents?: number;
}

/** Makes `poolWorkflow` around a machine. */
export function poolRunner(options: PoolRunnerOptions): (input: PoolInput) => Promise<never> {
  return async function runPool(input) {
    const pool = openPool(options.machine, input);
    for (;;) {
      await condition(() => pool.hasWork() || longEnough(options));
      if (longEnough(options)) {
        // nothing new is begun; what is under way comes home, what came meanwhile goes along
        await condition(() => pool.settled());
        await continueAsNew<(next: PoolInput) => Promise<never>>(pool.successor());
      }
      pool.advance();
    }
  };
}

/** The pool of a company. */
export const poolWorkflow = poolRunner({ machine: { start: startPool, step: stepPool } });

function longEnough({ continueAfterEvents }: PoolRunnerOptions): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAfterEvents === undefined ? continueAsNewSuggested : historyLength >= continueAfterEvents;
}

function openPool(machine: PoolMachine, input: PoolInput) {
  const { companyId } = input;
  const ready: PoolEvent[] = [...(input.inbox ?? [])];
  const timers = callTimers((timer) => ready.push({ type: 'timer.fired', at: Date.now(), timer }));
  const signals = orderedSignals();
  const io = proxyActivities<IoActivities>({
    taskQueue: ioQueueOf(workflowInfo().taskQueue),
    startToCloseTimeout: '5s',
    retry: { initialInterval: '100ms', maximumInterval: '2s' },
  });
  // rows written by an earlier pool carry its numbers: ours go on from there
  const numberBase = input.numberBase ?? input.rebuilt?.number ?? 0;
  let state: PoolState | null = input.state ?? null;
  let underWay = 0;

  const inBackground = (work: Promise<unknown>): void => {
    underWay += 1;
    void work
      .catch(() => log.error('pool activity was refused for good'))
      .finally(() => {
        underWay -= 1;
      });
  };

  const execute = (command: PoolCommand): void => {
    switch (command.kind) {
      case 'pool.reply':
        // a call that runs no more holds nothing
        signals.send(callWorkflowId(companyId, command.callId), command.message, () => {
          ready.push({ type: 'calls.ended', at: Date.now(), op: command.message.id, callIds: [command.callId] });
        });
        break;
      case 'pool.ask-calls':
        inBackground(
          io.callsAlive({ companyId, callIds: command.callIds }).then(({ ended }) => {
            if (ended.length > 0)
              ready.push({ type: 'calls.ended', at: Date.now(), op: command.op, callIds: [...ended] });
          }),
        );
        break;
      case 'pool.store':
        inBackground(
          io.storePool({
            companyId,
            occupations: command.occupations,
            ...(command.requests ? { requests: command.requests } : {}),
            number: numberBase + command.number,
          }),
        );
        break;
      case 'pool.store-agents':
        inBackground(io.storeAgents({ companyId, agents: command.agents, number: numberBase + command.number }));
        break;
      case 'timer.start':
        timers.start(command.timer, Date.now() + command.delayMs);
        break;
      case 'timer.cancel':
        timers.cancel(command.timer);
        break;
    }
  };

  const take = ({ state: next, commands }: PoolStep): void => {
    state = next;
    commands.forEach(execute);
  };

  const tell = (event: PoolEvent): void => {
    let step: PoolStep;
    try {
      step = machine.step(state!, event);
    } catch {
      // one event lost is better than a company without its pool: requests are repeatable, grants are asked about
      log.error('pool machine failed', { event: event.type });
      return;
    }
    take(step);
  };

  setHandler(messageSignal, (message) => {
    ready.push({ type: 'message', at: Date.now(), message });
  });
  setHandler(stateQuery, () => (state ? { state, timers: timers.open } : null));
  if (state) for (const { timer, dueAt } of input.timers ?? []) timers.start(timer, dueAt);
  else {
    const occupations = (input.rebuilt?.occupations ?? []).map(({ userId, grants }) => ({
      userId,
      grants: [...grants],
    }));
    const requests = [...(input.rebuilt?.requests ?? [])];
    const agents = { ...input.rebuilt?.agents };
    take(machine.start({ type: 'pool.start', at: Date.now(), companyId, occupations, requests, agents }));
  }

  return {
    hasWork: (): boolean => ready.length > 0,
    settled: (): boolean => underWay === 0 && signals.open === 0,
    advance: (): void => {
      for (let event = ready.shift(); event; event = ready.shift()) tell(event);
    },
    successor: (): PoolInput => ({ companyId, state, numberBase, timers: timers.open, inbox: [...ready] }),
  };
}
