/** What one boot of telephony is given, and what it gives. */
import type { Keyring, Store } from '@callwright/store';
import type { Logger } from 'pino';
import type { CallLogic } from '../call-logic.ts';
import type { LegTable } from '../legs/leg-table.ts';
import type { MediaServerOptions } from '../media/media-server.ts';
import type { Metrics } from '../metrics.ts';
import type { ResolvePrompts } from '../operations/context.ts';
import type { FreeBytes } from '../recording/free-space.ts';
import type { DigestAlgorithm } from '../sip/digest.ts';
import type { SipServerOptions } from '../sip/drachtio.ts';

export interface TelephonyOptions {
  readonly instanceName: string;
  readonly drachtio: Omit<SipServerOptions, 'patienceMs'>;
  readonly freeswitch: Omit<MediaServerOptions, 'patienceMs'>;
  /** How long the two servers may take to answer at boot. */
  readonly patienceMs: number;
  readonly store: Store;
  readonly keyring: Keyring;
  /** Runs the machines of the calls. */
  readonly logic: CallLogic;
  readonly resolvePrompts: ResolvePrompts;
  /** Directory that telephony and the media server share. */
  readonly mediaDir: string;
  /** Below so many free bytes there nothing is recorded; default 0 = until the disk refuses. */
  readonly recordingMinFreeBytes?: number;
  /** How the free bytes are learnt; tests have a disk of their own. */
  readonly freeBytes?: FreeBytes;
  readonly maxCalls: number;
  readonly maxCallsPerSecond: number;
  readonly maxCallsPerSource: number;
  readonly capLoopback: boolean;
  readonly sessionSeconds: number;
  /** Shortest session interval taken, for tests of session timers; 90 s when absent (RFC 4028 §4). */
  readonly minSessionSeconds?: number;
  /** How often a binding behind a NAT is asked, for tests; 25 s when absent. */
  readonly natSeconds?: number;
  /** How long a reliable provisional response waits for its PRACK; 64 times T1 of RFC 3261 when absent. */
  readonly prackMs?: number;
  /** Offered to phones in this order. */
  readonly digestAlgorithms: readonly DigestAlgorithm[];
  readonly allowedSip: readonly string[];
  readonly log: Logger;
}

export interface Telephony {
  /** `<name>.<epoch>` */
  readonly instance: string;
  readonly metrics: Metrics;
  readonly legs: LegTable;
  /** Takes calls now. */
  readonly healthy: boolean;
  /** Resolves with the reason once the instance is lost or stopped and everything of it has ended. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}
