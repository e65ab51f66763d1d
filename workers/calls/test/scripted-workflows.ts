/** The runner around the scripted machine, as a bundle for tests. */
import { callRunner } from '../src/workflows/call-runner.ts';
import { start, step } from './scripted-machine.ts';

const machine = { start, step };
export const callWorkflow = callRunner({ machine });
/** The same, continuing as new after a few events. */
export const shortRunWorkflow = callRunner({ machine, continueAfterEvents: 30 });
