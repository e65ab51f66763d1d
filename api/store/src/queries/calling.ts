/** How a user wants to be reached: his settings as rows, and the plan they make when a call comes. */
import type {
  AbsenceState,
  Destination,
  Forward,
  ForwardReason,
  PlanCaller,
  Prompt,
  PromptItem,
  RingPlan,
} from '@callwright/engine';
import { sql } from 'kysely';
import { type CallerListKind, type ListedPattern, listedPatterns, listsOf } from './caller-lists.ts';
import { type FollowMeTarget, followMeTargets, writeFollowMe } from './follow-me.ts';
import type { OwnerSettings } from './owners.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';

export type ForwardCondition = 'always' | 'busy' | 'no-answer' | 'unreachable';

export interface ForwardingRule {
  readonly condition: ForwardCondition;
  readonly enabled: boolean;
  readonly destination: Destination;
  /** `no-answer` only: how long the user is rung first. */
  readonly afterMs: number | null;
  readonly shown: 'caller' | 'account';
}

export interface UserCalling {
  readonly forwarding: readonly ForwardingRule[];
  readonly rejectAnonymous: boolean;
  readonly screening: boolean;
  /** With screening: callers from outside are asked for their name. */
  readonly screeningName: boolean;
  /** Actions of keys that he may not use. */
  readonly keysDenied: readonly string[];
  readonly followMe: FollowMe;
  /** Name of a prompt of the company. */
  readonly preAnswer: string | null;
  readonly secretary: { readonly userId: string; readonly exempt: readonly string[] } | null;
}

/** Where his calls ring beside his own phones. */
export interface FollowMe {
  readonly enabled: boolean;
  /** Outside its hours only his own phones ring. */
  readonly calendarId: string | null;
  /** A colleague or a number, one of them. */
  readonly targets: readonly FollowMeTarget[];
}

interface SettingsRow {
  reject_anonymous: boolean | null;
  screening: boolean | null;
  screening_name: boolean | null;
  keys_denied: string[] | null;
  follow_me: boolean | null;
  follow_me_calendar_id: string | null;
  pre_answer: string | null;
  secretary_id: string | null;
  secretary_exempt: string[] | null;
  forwarding: {
    condition: ForwardCondition;
    enabled: boolean;
    type: string;
    id: string;
    after_ms: number | null;
    shown: 'caller' | 'account';
  }[];
}

interface PlanRow extends SettingsRow {
  extension: string;
  outbound_number: string | null;
  user_mode: string;
  divert_number: string | null;
  language: string;
  box: string | null;
  ringback: string | null;
  settings: OwnerSettings;
  listed: ListedPattern[];
}

async function readRow(db: Db, companyId: string, userId: string, caller = ''): Promise<PlanRow | undefined> {
  const { rows } = await sql<PlanRow>`
    select u.extension, u.outbound_number, u.divert_number,
      case when u.mode_until is null or u.mode_until > now() then u.user_mode else 'normal' end as user_mode,
      coalesce(u.language, owner.settings->>'language', 'en') as language,
      (select box.id from voicemail_box box
        where box.user_id = u.id and box.company_id = u.company_id and box.deleted_at is null) as box,
      (select ring.name from prompt ring where ring.id = u.ringback_prompt_id and ring.company_id = u.company_id) as ringback,
      owner.settings, ${listedPatterns(caller, sql`u.id`)} as listed,
      c.reject_anonymous, c.screening, c.screening_name, c.keys_denied, c.follow_me, c.follow_me_calendar_id, p.name as pre_answer, s.id as secretary_id, c.secretary_exempt,
      coalesce((select jsonb_agg(jsonb_build_object('condition', f.condition, 'enabled', f.enabled, 'type', f.destination_type,
        'id', f.destination_id, 'after_ms', f.after_ms, 'shown', f.shown) order by f.condition)
        from forwarding f where f.user_id = u.id and f.company_id = u.company_id), '[]') as forwarding
    from directory_user u
    join owner on owner.id = u.company_id
    left join user_calling c on c.user_id = u.id and c.company_id = u.company_id
    left join prompt p on p.id = c.pre_answer_prompt_id and p.company_id = u.company_id
    left join directory_user s on s.id = c.secretary_id and s.company_id = u.company_id and s.deleted_at is null
    where u.company_id = ${companyId} and u.id::text = ${userId} and u.deleted_at is null`.execute(db);
  return rows[0];
}

/** Null when the company has no such user. */
export async function getUserCalling(db: Db, scope: CompanyScope, userId: string): Promise<UserCalling | null> {
  const row = await readRow(db, scope.companyId, userId);
  if (!row) return null;
  return {
    forwarding: row.forwarding.map(({ condition, enabled, type, id, after_ms, shown }) => ({
      condition,
      enabled,
      destination: { type, id },
      afterMs: after_ms,
      shown,
    })),
    rejectAnonymous: row.reject_anonymous ?? false,
    screening: row.screening ?? false,
    screeningName: row.screening_name ?? false,
    keysDenied: row.keys_denied ?? [],
    followMe: {
      enabled: row.follow_me ?? false,
      calendarId: row.follow_me_calendar_id,
      targets: await followMeTargets(db, scope.companyId, userId),
    },
    preAnswer: row.pre_answer,
    secretary: row.secretary_id === null ? null : { userId: row.secretary_id, exempt: row.secretary_exempt ?? [] },
  };
}

/** Replaces all of it. False when the company lacks the user, the secretary or the prompt. */
export async function putUserCalling(
  db: Db,
  scope: CompanyScope,
  userId: string,
  settings: UserCalling,
): Promise<boolean> {
  const { companyId } = scope;
  return inTransaction(db, async (tx) => {
    const { followMe } = settings;
    const colleagues = followMe.targets.flatMap((one) => (one.userId === null ? [] : [one.userId]));
    const users = [userId, ...(settings.secretary ? [settings.secretary.userId] : []), ...colleagues];
    const known = await tx
      .selectFrom('directory_user')
      .select('id')
      .where('company_id', '=', companyId)
      .where('deleted_at', 'is', null)
      .where('id', 'in', [...new Set(users)])
      .execute();
    const prompt = settings.preAnswer === null ? null : await promptId(tx, companyId, settings.preAnswer);
    if (known.length < new Set(users).size || prompt === undefined) return false;
    if (followMe.calendarId !== null && !(await hasCalendar(tx, companyId, followMe.calendarId))) return false;
    const row = {
      reject_anonymous: settings.rejectAnonymous,
      screening: settings.screening,
      screening_name: settings.screeningName,
      keys_denied: [...settings.keysDenied],
      follow_me: followMe.enabled,
      follow_me_calendar_id: followMe.calendarId,
      pre_answer_prompt_id: prompt,
      secretary_id: settings.secretary?.userId ?? null,
      secretary_exempt: [...(settings.secretary?.exempt ?? [])],
    };
    await tx
      .insertInto('user_calling')
      .values({ user_id: userId, company_id: companyId, ...row })
      .onConflict((c) => c.column('user_id').doUpdateSet(row))
      .execute();
    await writeFollowMe(tx, companyId, userId, followMe.targets);
    await tx.deleteFrom('forwarding').where('user_id', '=', userId).where('company_id', '=', companyId).execute();
    for (const { condition, enabled, destination, afterMs, shown } of settings.forwarding) {
      const rule = { condition, enabled, shown, after_ms: condition === 'no-answer' ? (afterMs ?? 20_000) : null };
      const target = { destination_type: destination.type, destination_id: destination.id };
      await tx
        .insertInto('forwarding')
        .values({ user_id: userId, company_id: companyId, ...rule, ...target })
        .execute();
    }
    return true;
  });
}

async function hasCalendar(db: Db, companyId: string, id: string): Promise<boolean> {
  const { rows } = await sql`select 1 from calendar where company_id = ${companyId} and id::text = ${id}`.execute(db);
  return rows.length > 0;
}

async function promptId(db: Db, companyId: string, name: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('prompt')
    .select('id')
    .where('company_id', '=', companyId)
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.id;
}

/** The plan of a user of the company for a caller, at this moment; absent when he wants nothing special. */
export async function ringPlanOf(
  db: Db,
  companyId: string,
  userId: string,
  caller: PlanCaller,
): Promise<RingPlan | undefined> {
  const row = await readRow(db, companyId, userId, caller.number);
  if (!row) return undefined;
  const lists = listsOf(row.listed, caller.number, row.settings);
  const vip = lists.has('vip');
  const rule = (condition: ForwardCondition, reason: ForwardReason): Forward | null => {
    const found = row.forwarding.find((one) => one.condition === condition && one.enabled);
    if (!found) return inBox(row, condition, reason);
    return { to: withState(row, condition, found), shown: found.shown, reason };
  };
  const noAnswer = rule('no-answer', 'no-answer');
  const afterMs = row.forwarding.find((one) => one.condition === 'no-answer')?.after_ms ?? 20_000;
  const plan: RingPlan = {
    refuse: refusal(row, caller, lists),
    always: diverted(row) ?? (vip ? null : filtered(row, userId, caller)) ?? rule('always', 'always'),
    busy: rule('busy', 'busy'),
    noAnswer: noAnswer ? { ...noAnswer, afterMs } : null,
    unreachable: rule('unreachable', 'unreachable'),
    accountNumber: row.outbound_number ?? row.extension,
    preAnswer: row.pre_answer === null ? null : { items: [{ type: 'audio', name: row.pre_answer }], bargeIn: false },
    screening: row.screening && !vip ? screeningOf(row.language, caller) : null,
    ...(row.screening && !vip && row.screening_name && caller.userId === null ? { recordName: true } : {}),
    ringback: row.ringback === null ? null : { items: [{ type: 'audio', name: row.ringback }], bargeIn: false },
  };
  const { accountNumber: _shown, ...wishes } = plan;
  return Object.values(wishes).some((wish) => wish !== null) ? plan : undefined;
}

/** Why the user is not to be had, as his greetings know it. */
function stateFor(row: PlanRow, condition: ForwardCondition): AbsenceState {
  if (condition === 'busy') return row.user_mode === 'dnd' ? 'dnd' : 'busy';
  if (condition === 'unreachable' && row.user_mode === 'away') return 'away';
  return condition === 'always' ? 'default' : 'no-answer';
}

/** A user with a box and no other wish has his messages taken. */
function inBox(row: PlanRow, condition: ForwardCondition, reason: ForwardReason): Forward | null {
  if (row.box === null || condition === 'always') return null;
  return { to: { type: 'voicemail', id: `${row.box}/${stateFor(row, condition)}` }, shown: 'caller', reason };
}

function withState(row: PlanRow, condition: ForwardCondition, to: Destination): Destination {
  if (to.type !== 'voicemail') return { type: to.type, id: to.id };
  return { type: to.type, id: `${to.id}/${stateFor(row, condition)}` };
}

/** Lists are stronger than modes: who is blocked is not told of them, and who is to be preferred rings through `dnd`. Nobody rings who is away. */
function refusal(row: PlanRow, caller: PlanCaller, lists: ReadonlySet<CallerListKind>): RingPlan['refuse'] {
  if (lists.has('block') && !lists.has('allow') && !lists.has('vip')) return 'blocked';
  const anonymous = caller.userId === null && /^(anonymous|unknown)?$/i.test(caller.number);
  if (row.reject_anonymous && anonymous) return 'anonymous';
  if (row.user_mode === 'dnd') return lists.has('vip') ? null : 'dnd';
  return row.user_mode === 'away' ? 'away' : null;
}

function diverted(row: PlanRow): Forward | null {
  if (row.user_mode !== 'divert' || row.divert_number === null) return null;
  return { to: { type: 'number', id: row.divert_number }, shown: 'caller', reason: 'diverted' };
}

/** Two spellings of one number: the last nine digits tell. */
const sameNumber = (a: string, b: string): boolean => {
  const [left, right] = [a, b].map((number) => number.replace(/\D/g, ''));
  return left === right || (left!.length >= 9 && right!.length >= 9 && left!.slice(-9) === right!.slice(-9));
};

function filtered(row: PlanRow, userId: string, caller: PlanCaller): Forward | null {
  const secretary = row.secretary_id;
  if (secretary === null || [caller.userId, caller.by].includes(secretary) || caller.userId === userId) return null;
  if (row.secretary_exempt?.some((number) => sameNumber(number, caller.number))) return null;
  return { to: { type: 'user', id: secretary }, shown: 'caller', reason: 'filtered' };
}

const SCREENING: Readonly<Record<string, readonly [before: string, nobody: string, after: string]>> = {
  en: ['Call from', 'Call from an unknown number.', 'Press 1 to accept, 2 to refuse, 3 for your voicemail.'],
  fr: ['Appel du', 'Appel d’un numéro inconnu.', 'Tapez 1 pour accepter, 2 pour refuser, 3 pour la messagerie.'],
  it: [
    'Chiamata da',
    'Chiamata da un numero sconosciuto.',
    'Premere 1 per accettare, 2 per rifiutare, 3 per la segreteria.',
  ],
};

function screeningOf(language: string, caller: PlanCaller): Prompt {
  const [before, nobody, after] = SCREENING[language.slice(0, 2)] ?? SCREENING.en!;
  const digits = caller.number.replace(/[^0-9]/g, '').slice(0, 20);
  const who: PromptItem[] =
    digits === ''
      ? [{ type: 'text', text: nobody!, language }]
      : [
          { type: 'text', text: before!, language },
          { type: 'value', as: 'digits', value: digits, language, pii: true },
        ];
  return { items: [...who, { type: 'text', text: after!, language }], bargeIn: true };
}
