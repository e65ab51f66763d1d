/** The runners around scripted and real machines, as a bundle for tests. */
import { CALL_SIGNALS } from '@callwright/contract';
import { type Message, startPool, stepPool } from '@callwright/engine';
import { condition, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import { callRunner } from '../src/workflows/call-runner.ts';
import { poolRunner } from '../src/workflows/pool-workflow.ts';
import { start, step } from './scripted-machine.ts';

export { poolWorkflow } from '../src/workflows/pool-workflow.ts';

const machine = { start, step };
export const callWorkflow = callRunner({ machine });
/** The same, continuing as new after a few events. */
export const shortRunWorkflow = callRunner({ machine, continueAfterEvents: 30 });
export const shortPoolWorkflow = poolRunner({ machine: { start: startPool, step: stepPool }, continueAfterEvents: 60 });

/** Stands for a call that only listens to its pool. */
export async function listeningWorkflow(): Promise<void> {
  const heard: Message[] = [];
  setHandler(defineSignal<[Message]>(CALL_SIGNALS.message), (message) => void heard.push(message));
  setHandler(defineQuery('heard'), () => heard);
  await condition(() => false, '2m');
}
