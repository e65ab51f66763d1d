/** What io workers look up while a call runs: published revisions, users, groups, calendars, numbers, destinations. */
import type { Destination, IoResult, Lookup, RevisionClosure } from '@callwright/engine';
import type { Store } from '../store.ts';
import { calendarInForce } from './calendars.ts';
import { roomiestInstance } from './call-views.ts';
import { type Asking, NOT_FOUND } from './destinations/destination-type.ts';
import { lookUpNumber, lookUpVia } from './destinations/number.ts';
import { lookUpAllowance } from './destinations/outside.ts';
import { resolveDestination } from './destinations/registry.ts';
import { lookUpGroup } from './destinations/ring-group.ts';
import { lookUpUser } from './destinations/user.ts';
import { actForFlow } from './flow-acts.ts';
import { queueFlowMail } from './flow-mail.ts';
import { withFollowMe } from './follow-me.ts';
import { askSlot, findRinging, freeParkSlot } from './joining.ts';
import { findNames } from './names.ts';
import { lookUpQueue } from './queues.ts';
import { findRecordingPolicy } from './recording-policies.ts';
import { askRoom } from './room-entry.ts';
import { actInRoom, enterRoom, leaveRoom } from './room-seats.ts';
import { admitInside } from './routing/admission.ts';
import type { Db } from './scope.ts';
import { findSupervised } from './supervision.ts';
import { askMailbox, lookUpVoicemail } from './voicemail.ts';

/**
 * Published closures by company and hash, for the payload codec. Content-addressed, so a row never changes; null when the company
 * has none of that hash.
 */
export function closureSource(store: Store): (companyId: string, hash: string) => Promise<RevisionClosure | null> {
  return async (companyId, hash) => {
    const row = await store.db
      .selectFrom('revision')
      .select('closure')
      .where('company_id', '=', companyId)
      .where('hash', '=', hash)
      .executeTakeFirst();
    return row ? (row.closure as unknown as RevisionClosure) : null;
  };
}

/** A lease renewed within this time is alive; one is renewed every 2 s. */
const LEASE_MS = 5000;
const UNKNOWN_ASKING: Asking = { callId: null, userId: null, at: 0 };

/** Answers a live look-up within its company. */
export async function lookUp(
  db: Db,
  companyId: string,
  lookup: Lookup,
  asking: Asking = UNKNOWN_ASKING,
): Promise<IoResult> {
  switch (lookup.what) {
    case 'user':
      return admitted(db, companyId, asking, lookup, () => userOf(db, companyId, lookup, asking));
    case 'ring-group':
      return admitted(db, companyId, asking, lookup, () => groupOf(db, companyId, lookup.id, asking));
    case 'calendar':
      return lookUpCalendar(db, companyId, lookup.id);
    case 'number':
      return lookUpDialled(db, companyId, lookup, asking);
    case 'allowance':
      return lookUpAllowance(db, companyId, lookup.number, asking);
    case 'room':
      return askRoom(db, companyId, lookup);
    case 'names':
      return findNames(db, companyId, lookup.digits);
    case 'room-enter':
      return enterRoom(db, companyId, asking.callId, lookup);
    case 'room-leave':
      return leaveRoom(db, companyId, asking.callId, lookup.room);
    case 'room-act':
      return actInRoom(db, companyId, asking.callId, lookup);
    case 'ringing':
      return findRinging(db, companyId, lookup);
    case 'recording':
      return findRecordingPolicy(db, companyId, lookup);
    case 'supervised':
      return findSupervised(db, companyId, asking.callId, lookup);
    case 'park':
      return askSlot(db, companyId, asking.callId, lookup);
    case 'unpark':
      return freeParkSlot(db, companyId, asking.callId, lookup.slot);
    case 'queue':
      return lookUpQueue(db, companyId, lookup.id, lookup.caller);
    case 'instance': {
      const instance = await roomiestInstance(db, LEASE_MS);
      return instance === null ? NOT_FOUND : { status: 'instance', instance };
    }
    case 'agent':
      // an act, done by the activity that asked: here nobody is told
      return NOT_FOUND;
    case 'mail':
      return queueFlowMail(db, companyId, asking.callId, lookup);
    case 'user-mode':
    case 'caller-list':
    case 'contact':
    case 'notice':
      return actForFlow(db, companyId, asking.callId, lookup);
    case 'voicemail':
      return lookUpVoicemail(db, companyId, lookup.id);
    case 'mailbox':
      return askMailbox(db, companyId, lookup);
    case 'destination':
      return resolveAdmitted(db, companyId, lookup.destination, asking);
  }
}

async function lookUpCalendar(db: Db, companyId: string, id: string): Promise<IoResult> {
  const calendar = await calendarInForce(db, companyId, id);
  return calendar ? { status: 'calendar', calendar } : NOT_FOUND;
}

/** How numbers outside can be dialled, if they can. */
const lineOf = (db: Db, companyId: string, asking: Asking) => async (number: string) => {
  const found = await lookUpNumber(db, companyId, number, asking, resolveDestination);
  return found.status === 'destination' ? found : null;
};

const groupOf = (db: Db, companyId: string, id: string, asking: Asking): Promise<IoResult> =>
  lookUpGroup(db, companyId, id, asking.at || Date.now(), lineOf(db, companyId, asking));

async function userOf(
  db: Db,
  companyId: string,
  { id, caller }: Extract<Lookup, { what: 'user' }>,
  asking: Asking,
): Promise<IoResult> {
  const found = await lookUpUser(db, companyId, id, caller);
  if (!caller) return found;
  const line = (userId: string) => lineOf(db, companyId, { ...asking, userId });
  return withFollowMe(db, companyId, found, asking.at || Date.now(), line);
}

/** What is looked up on an account is admitted beside; without one it was admitted with its call. */
async function admitted(
  db: Db,
  companyId: string,
  asking: Asking,
  { account }: { readonly account?: string | null | undefined },
  look: () => Promise<IoResult>,
): Promise<IoResult> {
  if (account === undefined) return look();
  const [found, refusal] = await Promise.all([look(), admitInside(db, { companyId, ...asking })]);
  return found.status === 'not-found' ? found : (refusal ?? found);
}

type NumberLookup = Extract<Lookup, { what: 'number' }>;

/** What a number leads to; the outside is admitted where it is looked up. */
async function lookUpDialled(
  db: Db,
  companyId: string,
  { number, trunks }: NumberLookup,
  asking: Asking,
): Promise<IoResult> {
  if (trunks) return lookUpVia(db, companyId, number, trunks, asking);
  const found = await lookUpNumber(db, companyId, number, asking, resolveDestination);
  return needsAdmission(found) ? ((await admitInside(db, { companyId, ...asking })) ?? found) : found;
}

/** Refusing somebody, or taking his message, is no call. */
const FREE: ReadonlySet<string> = new Set(['hang-up', 'announcement', 'voicemail']);

/** What is reached by this very answer: users and groups are looked up once more, and admitted there. */
const needsAdmission = (found: IoResult): boolean =>
  found.status === 'destination' &&
  (found.revision !== null || found.peer !== undefined || found.destination.type === 'sip') &&
  !FREE.has(found.destination.type);

async function resolveAdmitted(db: Db, companyId: string, destination: Destination, asking: Asking): Promise<IoResult> {
  const found = await resolveDestination(db, companyId, destination, asking);
  return needsAdmission(found) ? ((await admitInside(db, { companyId, ...asking })) ?? found) : found;
}
