/** `callWorkflow`: the runner around the engine's call machine. */
import { startCall, stepCall } from '@callwright/engine';
import { callRunner } from './call-runner.ts';

export const callWorkflow = callRunner({ machine: { start: startCall, step: stepCall } });
