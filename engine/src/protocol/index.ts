/** The protocol: three closed unions, commands, events and facts, and the words they share. */
export * from './call-keys.ts';
export * from './command.ts';
export * from './common.ts';
export * from './company.ts';
export * from './event.ts';
export * from './fact.ts';
export * from './io.ts';
export * from './joining.ts';
export * from './mail.ts';
export * from './message.ts';
export * from './queue.ts';
export * from './recording.ts';
export * from './ring-plan.ts';
export * from './room.ts';
export * from './script.ts';
export * from './supervision.ts';
export * from './supervision.ts';
