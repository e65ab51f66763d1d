/**
 * The outbox of mail: due rows are taken, rendered, handed over and settled. A worker that dies with one leaves it to the others after its
 * hold; the Message-ID is the row's, so that a mail whose acceptance nobody noted is the same mail.
 */
import {
  type DueMail,
  type Keyring,
  mailNotSent,
  mailSent,
  recordingFile,
  type Store,
  takeDueMail,
} from '@callwright/store';
import type { UrlGuard } from '../url-guard.ts';
import { handOver } from './sender.ts';
import { renderMail } from './templates.ts';

export interface OutboxParts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly guard: UrlGuard;
  /** Where recordings lie; null: mails go without them. */
  readonly mediaDir: string | null;
  /** For tests; longer than any try. */
  readonly holdMs?: number;
  /** First pause after a failure; twice as long after each. */
  readonly pauseMs?: number;
}

const HOLD_MS = 120_000;
const BATCH = 10;
const PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** After that a mail is given up. */
const GIVE_UP_MS = 3 * 86_400_000;

/** One round: everything that is due, at most a batch. */
export function mailOutbox(parts: OutboxParts): { round(): Promise<void> } {
  const { store, keyring, holdMs = HOLD_MS } = parts;
  return {
    round: async () => {
      const mails = await takeDueMail(store.db, keyring, holdMs, BATCH);
      await Promise.all(mails.map((mail) => deliver(parts, mail)));
    },
  };
}

async function deliver(parts: OutboxParts, mail: DueMail): Promise<void> {
  const { db } = parts.store;
  const again = pauseOf(parts, mail);
  const rendered = renderMail(mail);
  if (!rendered) return mailNotSent(db, mail.id, 'no-template', null);
  if (!mail.server) return mailNotSent(db, mail.id, 'no-server', again);
  const path = mail.attachment && parts.mediaDir ? recordingFile(parts.mediaDir, mail.ownerId, mail.attachment) : null;
  const handed = await handOver(parts.guard, mail.server, {
    ...rendered,
    recipient: mail.recipient,
    messageId: `<${mail.id}@callwright>`,
    attachment: path ? { filename: 'message.wav', path } : null,
  });
  if (handed.taken) return mailSent(db, mail.id);
  await mailNotSent(db, mail.id, handed.code, handed.forGood ? null : again);
}

/** Null: it has been tried for long enough. */
function pauseOf({ pauseMs = PAUSE_MS }: OutboxParts, { attempts, createdAt }: DueMail): number | null {
  if (Date.now() - createdAt.getTime() > GIVE_UP_MS) return null;
  return Math.min(pauseMs * 2 ** Math.min(attempts - 1, 20), LONGEST_PAUSE_MS);
}
