/** Tests of flows, nodes and machines, and what runs flows without an outside: simulator, command line, publish gate. */

export * from './coverage.ts';
export * from './explore.ts';
export * from './node-kit.ts';
export * from './orders.ts';
export * from './script.ts';
export * from './test-call.ts';
export * from './try-node.ts';
export * from './world.ts';
