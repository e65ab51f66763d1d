/** For tests of flows, nodes and machines; never imported by shipped code. */
export * from './test-call.ts';
export * from './world.ts';
