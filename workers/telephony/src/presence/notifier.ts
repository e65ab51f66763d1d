/** Tells subscribed phones what has changed, and derives presence from what was noted: rounds of one media instance. */
import {
  type DueNotify,
  derivePresence,
  dueNotifies,
  endSubscription,
  type Keyring,
  notifyTaken,
  notifyUnderWay,
  type Store,
  sweepPresence,
} from '@callwright/store';
import type { Logger } from 'pino';
import type { DestinationGuard } from '../sip/destination-guard.ts';
import type { SrfLike } from '../sip/drachtio.ts';
import { BODY_TYPES, bodyOf } from './documents.ts';
import { createLamps } from './lamps.ts';
import { createPeerLamps } from './peer-lamps.ts';
import { createPeerNotifies } from './peer-notifies.ts';
import { createReferrals, type Referrals } from './referrals.ts';
import { deliverTextMessages } from './text-messages.ts';

const ROUND_MS = 250;
const SWEEP_MS = 5000;
const BATCH = 500;
const NOTIFIES = 100;
/** After this a NOTIFY without an answer is taken for lost; the SIP server gives up after 32 s. */
const ANSWER_SECONDS = 40;

export interface NotifierDeps {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly srf: SrfLike;
  readonly guard: DestinationGuard;
  /** Name of the media instances whose SIP server this is. */
  readonly server: string;
  /** `host:port` at which phones call us. */
  readonly ownHost: string;
  readonly log: Logger;
}

export interface Notifier {
  /** Something is due: the next round comes at once. */
  wake(): void;
  /** NOTIFYs outside of dialogs. */
  readonly notify: Referrals['notify'];
  stop(): void;
}

export function startNotifier(deps: NotifierDeps): Notifier {
  const lamps = createLamps(deps);
  const referrals = createReferrals(deps);
  const peerLamps = createPeerLamps(deps);
  let stopped = false;
  let sweptAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let wakeUp: (() => void) | null = null;
  const round = async (): Promise<void> => {
    const { db } = deps.store;
    if (Date.now() - sweptAt > SWEEP_MS) {
      sweptAt = Date.now();
      await sweepPresence(db);
    }
    while (!stopped && (await derivePresence(db, BATCH)) === BATCH);
    await lamps.round();
    await peerLamps.round();
    await deliverTextMessages(deps);
    await referrals.round();
    const due = await dueNotifies(db, deps.server, NOTIFIES);
    if (due.length === 0 || stopped) return;
    await notifyUnderWay(
      db,
      deps.server,
      due.map(({ dialogId }) => dialogId),
      ANSWER_SECONDS,
    );
    for (const notify of due) void tell(deps, notify);
  };
  // the answer to the SUBSCRIBE must be out before its NOTIFY
  const wake = (): void => void setTimeout(() => wakeUp?.(), 60).unref();
  const run = async (): Promise<void> => {
    while (!stopped) {
      await round().catch((error: unknown) => deps.log.warn({ err: error }, 'presence could not be told'));
      await new Promise<void>((resume) => {
        wakeUp = resume;
        timer = setTimeout(resume, ROUND_MS).unref();
      });
    }
  };
  void run();
  return {
    notify: createPeerNotifies({ store: deps.store, wake, otherwise: referrals.notify }),
    wake,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      wakeUp?.();
    },
  };
}

/** One NOTIFY; what its answer says of the subscription is written down. */
async function tell({ store, srf, server, log }: NotifierDeps, notify: DueNotify): Promise<void> {
  const status = await send(srf, notify);
  try {
    if (status >= 200 && status < 300 && notify.secondsLeft > 0) {
      await notifyTaken(store.db, server, notify.dialogId, notify.version);
    } else if (status >= 200) {
      // ended, or a phone that is gone or does not want it (RFC 6665 §4.2.2)
      await endSubscription(store.db, server, notify.dialogId);
    }
  } catch (error) {
    log.warn({ err: error }, 'a NOTIFY could not be noted');
  }
}

/** Final status; 481 when the dialog is gone, 0 when the connection to the SIP server is. */
function send(srf: SrfLike, notify: DueNotify): Promise<number> {
  const ended = notify.secondsLeft === 0;
  const headers = {
    Event: `${notify.package}${notify.eventId === null ? '' : `;id=${notify.eventId}`}`,
    'Subscription-State': ended ? 'terminated;reason=timeout' : `active;expires=${notify.secondsLeft}`,
    'Content-Type': BODY_TYPES[notify.package],
  };
  return new Promise((resolve) => {
    try {
      const request = { method: 'NOTIFY', stackDialogId: notify.dialogId, headers, body: bodyOf(notify) };
      srf.request('sip:placeholder', request, (error, sent) => {
        if (error || !sent) return resolve(isGone(error) ? 481 : 0);
        sent.on('response', ({ status }) => {
          if (status >= 200) resolve(status);
        });
      });
    } catch {
      resolve(0);
    }
  });
}

/** The SIP server does not know the dialog (wire-protocols A4). */
const isGone = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  (('code' in error && error.code === 'ENODIALOG') || /unable to find dialog/i.test(String(error)));
