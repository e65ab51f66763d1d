/** The company's policies of recording: their rows, and which of them a conversation falls under. */
import type { Coordinates, IoResult, Lookup } from '@callwright/engine';
import { spellings } from '@callwright/engine/numbers';
import { fitsPattern, parsePattern } from '@callwright/engine/routing';
import { sql } from 'kysely';
import { localeOf, settingsOfCompany, switchedOff } from './owners.ts';
import { checkReferences, companyResource, type Entity, type Resource, UnknownReference } from './resource.ts';
import { type CompanyScope, type Db, trustedScope } from './scope.ts';
import { trunksUsable } from './trunks.ts';

export interface RecordingPolicyFields {
  readonly name: string;
  /** The first in this order that fits decides. */
  readonly position: number;
  readonly enabled: boolean;
  /** False: what fits is not recorded. */
  readonly record: boolean;
  readonly subject: 'company' | 'user' | 'queue' | 'ring-group' | 'trunk' | 'number';
  readonly subjectId: string | null;
  readonly pattern: string | null;
  readonly direction: 'any' | 'inbound' | 'outbound' | 'internal';
  readonly percent: number;
  readonly announce: 'none' | 'outside' | 'both';
  readonly promptId: string | null;
  readonly keys: boolean;
}

const rows = companyResource<RecordingPolicyFields>({
  table: 'recording_policy',
  type: 'recording-policy',
  columns: {
    name: 'name',
    position: 'position',
    enabled: 'enabled',
    record: 'record',
    subject: 'subject',
    subjectId: 'subject_id',
    pattern: 'pattern',
    direction: 'direction',
    percent: 'percent',
    announce: 'announce',
    promptId: 'prompt_id',
    keys: 'keys',
  },
  references: { promptId: 'prompt' },
});

const TABLES = { user: 'directory_user', queue: 'queue', 'ring-group': 'ring_group' } as const;

/** A subject that is there, named by what it needs and by nothing else. Throws `UnknownReference`. */
async function checkSubject(db: Db, scope: CompanyScope, policy: RecordingPolicyFields): Promise<void> {
  const { subject, subjectId, pattern } = policy;
  const named = subject !== 'company' && subject !== 'number';
  if (named !== (subjectId !== null)) throw new UnknownReference('subjectId');
  if ((subject === 'number') !== (pattern !== null)) throw new UnknownReference('pattern');
  if (pattern !== null && !parsePattern(pattern)) throw new UnknownReference('pattern');
  if (subject === 'trunk' && subjectId !== null && !(await trunksUsable(db, scope, [subjectId])))
    throw new UnknownReference('subjectId');
  if (subject in TABLES)
    await checkReferences(db, scope, [['subjectId', TABLES[subject as keyof typeof TABLES], subjectId]]);
}

export const recordingPolicies: Resource<RecordingPolicyFields> = {
  ...rows,
  create: async (db, scope, id, fields) => {
    await checkSubject(db, scope, fields);
    return rows.create(db, scope, id, fields);
  },
  update: async (db, scope, id, fields) => {
    const now = await rows.get(db, scope, id);
    if (!now) return null;
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    await checkSubject(db, scope, { ...now, ...given });
    return rows.update(db, scope, id, fields);
  },
};

/** Whether calls of the company are to ask about recording at all: a policy is in force, or a user is always recorded. */
export const recordsCalls = (companyId: unknown) => sql<boolean>`(
  exists (select 1 from recording_policy p where p.company_id = ${companyId} and p.enabled)
  or exists (select 1 from directory_user u where u.company_id = ${companyId} and u.deleted_at is null and u.record_calls))`;

type Asked = Extract<Lookup, { what: 'recording' }>;
type Policy = Entity<RecordingPolicyFields>;

const NOT_FOUND: IoResult = { status: 'not-found' };

/** What the company says to recording a conversation. */
export async function findRecordingPolicy(db: Db, companyId: string, asked: Asked): Promise<IoResult> {
  if ((await switchedOff(db, companyId)).has('recording')) return NOT_FOUND;
  if (asked.by !== null) return byKey(db, companyId, asked.by);
  const { rows: policies } = await sql<Policy>`
    select id, name, position, record, subject, subject_id as "subjectId", pattern, direction, percent, announce,
      prompt_id as "promptId", keys
    from recording_policy where company_id = ${companyId} and enabled order by position, number`.execute(db);
  const numbers = policies.some((one) => one.subject === 'number') ? await numbersOf(db, companyId, asked) : [];
  const first = policies.find((policy) => fits(policy, asked, numbers));
  if (first) return first.record ? saying(db, companyId, first) : NOT_FOUND;
  return (await alwaysRecorded(db, companyId, asked)) ? { ...BOTH, policy: null, keys: false } : NOT_FOUND;
}

const BOTH = { status: 'recording', announce: 'both', notice: null } as const;

/** A user has asked for it by his keys; whether he has those is told to telephony (`call-keys.ts`). */
async function byKey(db: Db, companyId: string, userId: string): Promise<IoResult> {
  const right = await sql`select 1 from directory_user where company_id = ${companyId} and id::text = ${userId}
    and deleted_at is null and suspended_at is null`.execute(db);
  if (right.rows.length > 0) return { ...BOTH, policy: null, keys: true };
  return { status: 'refused', code: 'no-right', check: 'recording', by: 'company', cause: 'forbidden' };
}

/** Spellings of every number of the conversation. */
async function numbersOf(db: Db, companyId: string, { called, parties }: Asked): Promise<string[][]> {
  const { country } = localeOf(await settingsOfCompany(db, trustedScope(companyId)));
  return [called, ...parties].map(({ number, e164 }: Coordinates) => [
    ...new Set([...spellings(number, country), ...(e164 ? [e164] : [])]),
  ]);
}

function fits(policy: Policy, asked: Asked, numbers: readonly string[][]): boolean {
  const { subject, subjectId, direction, percent, pattern } = policy;
  if (direction !== 'any' && direction !== asked.direction) return false;
  if (asked.sample >= percent) return false;
  switch (subject) {
    case 'company':
      return true;
    case 'user':
      return asked.parties.some(({ type, id }) => type === 'user' && id === subjectId);
    case 'queue':
      return asked.queue === subjectId;
    case 'ring-group':
      return asked.group === subjectId;
    case 'trunk':
      return (
        asked.trunks.some((id) => id === subjectId) ||
        asked.parties.some(({ type, id }) => type === 'trunk' && id === subjectId)
      );
    default:
      return numbers.some((spelt) => fitsPattern(pattern, spelt));
  }
}

async function saying(db: Db, companyId: string, { id, announce, promptId, keys }: Policy): Promise<IoResult> {
  const { rows: prompts } = await sql<{ name: string }>`select name from prompt
    where company_id = ${companyId} and id = ${promptId}`.execute(db);
  const item = prompts[0] && ({ type: 'audio', name: prompts[0].name } as const);
  const notice = item ? { items: [item], bargeIn: false } : null;
  return { status: 'recording', policy: id, announce, notice, keys };
}

/** One of them has his calls recorded always. */
async function alwaysRecorded(db: Db, companyId: string, { parties }: Asked): Promise<boolean> {
  const users = parties.flatMap(({ type, id }) => (type === 'user' && id !== null ? [id] : []));
  if (users.length === 0) return false;
  const found = await sql`select 1 from directory_user
    where company_id = ${companyId} and id::text = any(${users}::text[]) and record_calls and deleted_at is null`.execute(
    db,
  );
  return found.rows.length > 0;
}
