/** Names, inputs, signals, queues of all workflows and activities: the contract between the processes. */
export * from './call.ts';
export * from './io.ts';
export * from './media.ts';
export * from './queues.ts';
