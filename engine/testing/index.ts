/** For tests of flows, nodes and machines; never imported by shipped code. */

export * from './explore.ts';
export * from './node-kit.ts';
export * from './orders.ts';
export * from './script.ts';
export * from './test-call.ts';
export * from './world.ts';
