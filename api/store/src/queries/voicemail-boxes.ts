/** Voicemail boxes of users and of nobody: their rows and greetings; messages and behaviour belong to voicemail itself. */
import { sql } from 'kysely';
import { checkReferences, companyResource, type Resource } from './resource.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';

/** When a greeting is played; `name` is the recorded name. */
export const GREETING_STATES = ['default', 'busy', 'no-answer', 'dnd', 'away', 'closed', 'name'] as const;
export type GreetingState = (typeof GREETING_STATES)[number];

export interface VoicemailBoxFields {
  readonly userId: string | null;
  readonly name: string;
  /** Dialled to leave a message or to manage the box. */
  readonly accessNumber: string | null;
  /** Hash of the PIN (`password.ts`); null: the box cannot be entered from other phones. */
  readonly pinHash: string | null;
  readonly language: string | null;
  readonly email: string | null;
  readonly emailAttach: boolean;
  readonly emailDelete: boolean;
  readonly transcribe: boolean;
  readonly mwi: boolean;
  readonly editGreeting: boolean;
  /** Null: the company's. */
  readonly retentionDays: number | null;
  readonly maxMessages: number;
  readonly maxMessageMs: number;
  /** Its user types the PIN at his own phone too. */
  readonly ownPhonePin: boolean;
  /** Recordings of its user's calls are listed in it. */
  readonly listRecordings: boolean;
  /** Peer that is told how many messages it has; null: none. */
  readonly notifyTrunkId: string | null;
  /** Its name there; null: its user's extension, else its access number. */
  readonly notifyAccount: string | null;
}

export const voicemailBoxes: Resource<VoicemailBoxFields> = companyResource<VoicemailBoxFields>({
  table: 'voicemail_box',
  type: 'voicemail',
  columns: {
    userId: 'user_id',
    name: 'name',
    accessNumber: 'access_number',
    pinHash: 'pin_hash',
    language: 'language',
    email: 'email',
    emailAttach: 'email_attach',
    emailDelete: 'email_delete',
    transcribe: 'transcribe',
    mwi: 'mwi',
    editGreeting: 'edit_greeting',
    retentionDays: 'retention_days',
    maxMessages: 'max_messages',
    maxMessageMs: 'max_message_ms',
    ownPhonePin: 'own_phone_pin',
    listRecordings: 'list_recordings',
    notifyTrunkId: 'notify_trunk_id',
    notifyAccount: 'notify_account',
  },
  references: { userId: 'directory_user' },
  trunks: ['notifyTrunkId'],
  dialled: 'accessNumber',
  soft: true,
});

export type Greetings = Partial<Record<GreetingState, string>>;

/** Prompt ids of a box by state; null when the company has no such box. */
export async function getGreetings(db: Db, scope: CompanyScope, boxId: string): Promise<Greetings | null> {
  if (!(await voicemailBoxes.get(db, scope, boxId))) return null;
  const { rows } = await sql<{ state: GreetingState; prompt_id: string }>`
    select state, prompt_id from voicemail_greeting
    where company_id = ${scope.companyId} and box_id = ${boxId} order by state`.execute(db);
  return Object.fromEntries(rows.map((r) => [r.state, r.prompt_id])) as Greetings;
}

/** Replaces the greetings of a box. Throws `UnknownReference` for a prompt the company does not have; null when there is no such box. */
export async function setGreetings(
  db: Db,
  scope: CompanyScope,
  boxId: string,
  greetings: Greetings,
): Promise<Greetings | null> {
  return inTransaction(db, async (tx) => {
    if (!(await voicemailBoxes.get(tx, scope, boxId))) return null;
    const given = Object.entries(greetings).filter(([, id]) => id !== undefined);
    await checkReferences(
      tx,
      scope,
      given.map(([state, id]) => [state, 'prompt', id] as const),
    );
    await sql`delete from voicemail_greeting where company_id = ${scope.companyId} and box_id = ${boxId}`.execute(tx);
    for (const [state, promptId] of given) {
      await tx
        .insertInto('voicemail_greeting')
        .values({ box_id: boxId, company_id: scope.companyId, state, prompt_id: promptId! })
        .execute();
    }
    return getGreetings(tx, scope, boxId);
  });
}
