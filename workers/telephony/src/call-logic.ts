/** Who runs the machines of calls, as telephony sees it: Temporal in the product; a bench may put a runner of its own in its place. */
import type { CallInput, LegEnvelope, MediaActivities, MessageSignal } from '@callwright/contract';
import type { Logger } from 'pino';
import type { SignalOutcome } from './legs/delivery.ts';

export interface CallSignaller {
  legs(companyId: string, callId: string, events: readonly LegEnvelope[]): Promise<SignalOutcome>;
  instanceLost(companyId: string, callId: string, instance: string): Promise<SignalOutcome>;
  message(companyId: string, callId: string, message: MessageSignal): Promise<SignalOutcome>;
}

export interface CallStarter {
  /** Resolves when the call's runner has it, also when it had it before. */
  start(input: CallInput & { readonly companyId: string }): Promise<void>;
}

export interface ServeOptions {
  readonly instance: string;
  readonly activities: MediaActivities;
  readonly maxCalls: number;
  readonly log: Logger;
}

export interface Serving {
  stop(): Promise<void>;
}

export interface CallLogic extends CallSignaller, CallStarter {
  /** Lets the runners of calls reach the operations of a media instance. */
  serve(options: ServeOptions): Promise<Serving>;
}
