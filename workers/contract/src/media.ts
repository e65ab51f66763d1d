/**
 * Activities of a media instance, on queue `media.<instance>`. One activity type per command kind, all with these shapes.
 *
 * Idempotent by `command.op`: a retry re-attaches to the running or finished operation. Heartbeats are not used; the instance's
 * lease tells whether it lives.
 */
import type { CallRecord, MediaCommand, MediaResult } from '@callwright/engine';
import type { LegEnvelope } from './call.ts';

export interface MediaOpInput {
  readonly companyId: string;
  readonly callId: string;
  readonly command: MediaCommand;
  /** What decides over the same legs' sound, was ordered earlier and is not answered yet: on the way this one may have overtaken it. */
  readonly after?: readonly EarlierOperation[];
  /** Highest number processed per leg of this call: telephony may forget everything up to it (acknowledged = processed). */
  readonly processed: Readonly<Record<string, number>>;
  /** Records to be stored after the media has started; repeats are ignored. */
  readonly records: readonly CallRecord[];
  /** Language, zone and currency for values and text. */
  readonly locale: { readonly language: string; readonly timeZone: string; readonly currency: string };
}

/** An operation that was ordered before another one. */
export interface EarlierOperation {
  readonly op: string;
  readonly kind: MediaCommand['kind'];
}

export interface MediaOpOutput {
  /**
   * The operation's result as a numbered envelope of its leg, or null where the leg is unknown here
   * (then `result` says `gone` or `failed` without a number).
   */
  readonly envelope: LegEnvelope | null;
  readonly result: MediaResult;
  /** Highest record number known to be stored, 0 when none was. */
  readonly storedRecord: number;
}

/** Activity `leg.resend`: everything above `after` that telephony still holds for the leg. */
export const LEG_RESEND = 'leg.resend';
export interface LegResendInput {
  readonly callId: string;
  readonly leg: string;
  readonly after: number;
}
export interface LegResendOutput {
  /** False when the leg is unknown to the instance. */
  readonly known: boolean;
  readonly events: readonly LegEnvelope[];
}

/** Activity type per command kind. */
export type MediaActivities = {
  [K in MediaCommand['kind']]: (input: MediaOpInput) => Promise<MediaOpOutput>;
} & { [LEG_RESEND]: (input: LegResendInput) => Promise<LegResendOutput> };
