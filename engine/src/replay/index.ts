/** Replay of calls that are over against another revision. Pure. */
export { type ReplayEnd, type Replayed, type ReplaySide, replayCall, type Verdict } from './replay.ts';
export { type PathStep, type Retold, retell } from './retell.ts';
