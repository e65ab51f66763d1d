/** What records tell: a running call as it stands, and replay of calls that are over against another revision. Pure. */
export {
  type Inspected,
  inspectCall,
  revisionsOf,
  type ShownFlow,
  type ShownParty,
  type ShownVariable,
} from './inspect.ts';
export { type ReplayEnd, type Replayed, type ReplaySide, replayCall, type Verdict } from './replay.ts';
export { type PathStep, type Retold, retell } from './retell.ts';
