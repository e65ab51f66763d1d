/** What operations work with. One object per instance, made at boot. */
import type { MediaOpInput } from '@callwright/contract';
import type { CallRecord, MediaCommand, MediaResult, PromptItem } from '@callwright/engine';
import type { Store } from '@callwright/store';
import type { Logger } from 'pino';
import type { Delivery, SignalOutcome } from '../legs/delivery.ts';
import type { Leg } from '../legs/leg.ts';
import type { LegTable } from '../legs/leg-table.ts';
import type { Links } from '../links/links.ts';
import type { MediaServer } from '../media/media-server.ts';
import type { Metrics } from '../metrics.ts';
import type { RecordingSpace } from '../recording/free-space.ts';
import type { DestinationGuard } from '../sip/destination-guard.ts';
import type { SipServer } from '../sip/drachtio.ts';
import type { SessionWish } from '../sip/session-timer.ts';
import type { Trunks } from '../trunks/trunks.ts';

/** Prompt items to paths and stream names, in play order (`Speech.resolve`). */
export type ResolvePrompts = (
  items: readonly PromptItem[],
  context: { readonly companyId: string } & MediaOpInput['locale'],
) => Promise<string[]>;

export interface TelephonyContext extends SessionWish {
  /** `<name>.<epoch>` */
  readonly instance: string;
  readonly store: Store;
  readonly sip: SipServer;
  readonly media: MediaServer;
  readonly legs: LegTable;
  /** Legs here joined with legs of other instances. */
  readonly links: Links;
  readonly delivery: Delivery;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly resolvePrompts: ResolvePrompts;
  /** Directory that we and the media server share. */
  readonly mediaDir: string;
  /** Room that recordings need. */
  readonly recordingSpace: RecordingSpace;
  readonly guard: DestinationGuard;
  readonly trunks: Trunks;
  /** How long a reliable provisional response waits for its PRACK. */
  readonly prackMs: number;
  /** Stores records once each; resolves with the highest number known to be stored for the call. */
  storeRecords(companyId: string, callId: string, records: readonly CallRecord[]): Promise<number>;
  /** Tells a call of a move that is committed: the giver, and the receiver, which may have ended meanwhile. */
  tellMoved(
    companyId: string,
    callId: string,
    message: { readonly id: string; readonly leg: string; readonly to: string },
  ): Promise<SignalOutcome>;
  now(): number;
}

export type CommandOf<K extends MediaCommand['kind']> = Extract<MediaCommand, { kind: K }>;

/** One running operation, whatever it does. */
export interface RunningOperation {
  readonly context: TelephonyContext;
  readonly leg: Leg;
  readonly input: MediaOpInput;
  /** Aborted by `media.stop` and by the leg's end. */
  readonly signal: AbortSignal;
  /** The media runs: what does not concern the caller's ear may be done now. */
  started(): void;
  /** True when what was ordered after it has gone ahead of it (`order.ts`). */
  overtaken(): boolean;
}

export interface Operation<K extends MediaCommand['kind']> extends RunningOperation {
  readonly command: CommandOf<K>;
}

export type Handler<K extends MediaCommand['kind']> = (operation: Operation<K>) => Promise<MediaResult>;

export const DONE: MediaResult = { status: 'done' };
export const INTERRUPTED: MediaResult = { status: 'interrupted' };
export const GONE: MediaResult = { status: 'gone' };
