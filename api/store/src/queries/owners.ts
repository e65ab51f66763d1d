/** Owners: the tree platform → reseller → company (design §5). */
import type { JsonValue, Locale } from '@callwright/engine';
import { sql } from 'kysely';
import { type CompanyScope, type Db, inSubtree, type Page, page } from './scope.ts';

export type OwnerKind = 'platform' | 'reseller' | 'company';

/** Settings of an owner as stored; all optional, defaults apply. */
export interface OwnerSettings {
  readonly language?: string;
  /** IANA time zone. */
  readonly timeZone?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  /** ISO 4217. */
  readonly currency?: string;
  readonly retentionDays?: number;
  /** Of recordings and of voicemail messages, where shorter. */
  readonly recordingDays?: number;
  readonly voicemailDays?: number;
  /** The platform's: of the audit log. */
  readonly auditDays?: number;
  readonly devicesPerUser?: number;
  /** Contacts registered at a time under one SIP log-in. */
  readonly contactsPerLogin?: number;
  /** Calls at once of a user without a limit of its own. */
  readonly callsPerUser?: number;
  /** SIP passwords are not shown to the company's own administrators. */
  readonly hideSecrets?: boolean;
  readonly maxCalls?: number;
  /** Of a call to the outside. */
  readonly maxCallMinutes?: number;
  /** What calls and flows record is turned into text by the nearest recogniser. */
  readonly transcribeCalls?: boolean;
  /** Flows are published when tests take every arrow, and only then. */
  readonly testedFlowsOnly?: boolean;
  /** Company meant when a platform or reseller names none. */
  readonly homeCompany?: string;
}

export interface OwnerRow {
  readonly id: string;
  readonly number: number;
  readonly parent_id: string | null;
  readonly kind: OwnerKind;
  readonly name: string;
  readonly settings: OwnerSettings;
  readonly suspended_at: Date | null;
  readonly created_at: Date;
  readonly profile: OwnerProfile;
  /** Flags set here; see `switchedOff` for what holds. */
  readonly entitlements: Readonly<Record<string, boolean>>;
  /** Flags that are off here or above. */
  readonly switched_off: readonly string[];
}

/** Who the owner is to people. */
export interface OwnerProfile {
  readonly organisation?: string;
  readonly contact?: string;
  readonly email?: string;
  readonly telephone?: string;
  readonly address?: string;
}

const COLUMNS = [
  'id',
  'number',
  'parent_id',
  'kind',
  'name',
  'settings',
  'suspended_at',
  'created_at',
  'profile',
  'entitlements',
] as const;
const SWITCHED_OFF = sql<string[]>`(select coalesce(array_agg(distinct flag.key order by flag.key), '{}')
  from owner above, jsonb_each(above.entitlements) flag
  where above.id = any(owner.path) and flag.value = 'false')`.as('switched_off');

/** Flags that are off for an owner: where it stands, or anywhere above. */
export async function switchedOff(db: Db, ownerId: string): Promise<ReadonlySet<string>> {
  const row = await db.selectFrom('owner').select(SWITCHED_OFF).where('id', '=', ownerId).executeTakeFirst();
  return new Set(row?.switched_off ?? []);
}

/** Settings of a company, as stored. */
export async function settingsOfCompany(db: Db, scope: CompanyScope): Promise<OwnerSettings> {
  const row = await db.selectFrom('owner').select('settings').where('id', '=', scope.companyId).executeTakeFirst();
  return (row?.settings ?? {}) as OwnerSettings;
}
const DEFAULT_LOCALE: Locale = { language: 'en', timeZone: 'UTC', country: 'GB', currency: 'EUR' };

/** Language, zone, country and currency that calls of a company start with. */
export function localeOf(settings: OwnerSettings): Locale {
  return {
    language: settings.language ?? DEFAULT_LOCALE.language,
    timeZone: settings.timeZone ?? DEFAULT_LOCALE.timeZone,
    country: settings.country ?? DEFAULT_LOCALE.country,
    currency: settings.currency ?? DEFAULT_LOCALE.currency,
  };
}

export interface NewOwner {
  readonly id: string;
  readonly kind: OwnerKind;
  readonly name: string;
  readonly settings: OwnerSettings;
  readonly profile?: OwnerProfile;
  readonly entitlements?: Readonly<Record<string, boolean | undefined>>;
}

const stored = ({ profile = {}, entitlements = {}, settings, ...owner }: NewOwner) => ({
  ...owner,
  settings: JSON.stringify(settings),
  profile: JSON.stringify(profile),
  entitlements: JSON.stringify(entitlements),
});

/** The root; does nothing when it is there. */
export async function createPlatform(db: Db, owner: NewOwner): Promise<void> {
  await db
    .insertInto('owner')
    .values({ ...stored(owner), kind: 'platform', parent_id: null, path: [owner.id] })
    .onConflict((c) => c.column('id').doNothing())
    .execute();
}

/** The platform owner, when the installation has been seeded. */
export async function findPlatform(db: Db): Promise<OwnerRow | null> {
  const row = await db
    .selectFrom('owner')
    .select(COLUMNS)
    .select(SWITCHED_OFF)
    .where('kind', '=', 'platform')
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst();
  return (row as OwnerRow | undefined) ?? null;
}

/** Makes an owner below `parentId`; null when the parent is gone, is not in the asking owner's subtree or may have no such child. */
export async function createOwner(db: Db, asker: string, parentId: string, owner: NewOwner): Promise<OwnerRow | null> {
  const parent = await db
    .selectFrom('owner')
    .select(['id', 'kind', 'path'])
    .where('id', '=', parentId)
    .where('deleted_at', 'is', null)
    .where(inSubtree(asker))
    .executeTakeFirst();
  if (!parent || parent.kind === 'company' || owner.kind === 'platform') return null;
  await db
    .insertInto('owner')
    .values({
      ...stored(owner),
      parent_id: parent.id,
      path: [...parent.path, owner.id],
    })
    .onConflict((c) => c.column('id').doNothing())
    .execute();
  return getOwner(db, asker, owner.id);
}

export async function getOwner(db: Db, asker: string, id: string): Promise<OwnerRow | null> {
  const row = await db
    .selectFrom('owner')
    .select(COLUMNS)
    .select(SWITCHED_OFF)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .where(inSubtree(asker))
    .executeTakeFirst();
  return (row as OwnerRow | undefined) ?? null;
}

/** The asking owner and all below it, by number. */
export async function listOwners(db: Db, asker: string, after: number, limit: number): Promise<Page<OwnerRow>> {
  const rows = await db
    .selectFrom('owner')
    .select(COLUMNS)
    .select(SWITCHED_OFF)
    .where(inSubtree(asker))
    .where('deleted_at', 'is', null)
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit + 1)
    .execute();
  return page(rows as OwnerRow[], limit, (r) => String(r.number));
}

export interface OwnerPatch {
  readonly name?: string;
  readonly settings?: OwnerSettings;
  readonly suspended?: boolean;
  readonly profile?: OwnerProfile;
  readonly entitlements?: Readonly<Record<string, boolean | undefined>>;
}

const merged = (column: 'settings' | 'profile' | 'entitlements', given: object | undefined) =>
  given === undefined ? {} : { [column]: sql<string>`${sql.ref(column)} || ${JSON.stringify(given)}::jsonb` };

/**
 * Changes an owner; given settings, profile and flags are merged over the stored ones. An owner can neither suspend itself nor set
 * its own flags: these are for somebody above.
 */
export async function updateOwner(db: Db, asker: string, id: string, patch: OwnerPatch): Promise<OwnerRow | null> {
  const suspend =
    patch.suspended !== undefined && id !== asker ? { suspended_at: patch.suspended ? new Date() : null } : {};
  const changes = {
    ...(patch.name === undefined ? {} : { name: patch.name }),
    ...merged('settings', patch.settings),
    ...merged('profile', patch.profile),
    ...(id === asker ? {} : merged('entitlements', patch.entitlements)),
    ...suspend,
  };
  if (Object.keys(changes).length > 0) {
    await db
      .updateTable('owner')
      .set(changes)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .where(inSubtree(asker))
      .execute();
  }
  return getOwner(db, asker, id);
}

/** Ids of all companies of the installation (for start-up work only, never for an asking owner). */
export async function allCompanyIds(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('owner')
    .select('id')
    .where('kind', '=', 'company')
    .where('deleted_at', 'is', null)
    .orderBy('number')
    .execute();
  return rows.map((r) => r.id);
}

/** A line in the audit log. `detail` never holds a secret. */
export interface AuditEntry {
  readonly ownerId: string;
  readonly actor: { readonly type: string; readonly id: string };
  readonly action: string;
  readonly entity?: { readonly type: string; readonly id: string };
  readonly detail?: Readonly<Record<string, JsonValue>>;
}

export async function writeAudit(db: Db, entry: AuditEntry): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      owner_id: entry.ownerId,
      actor_type: entry.actor.type,
      actor_id: entry.actor.id,
      action: entry.action,
      entity_type: entry.entity?.type ?? null,
      entity_id: entry.entity?.id ?? null,
      detail: JSON.stringify(entry.detail ?? {}),
    })
    .execute();
}

export interface AuditRow {
  readonly id: number;
  readonly at: Date;
  readonly owner_id: string | null;
  readonly actor_type: string;
  readonly actor_id: string;
  readonly action: string;
  readonly entity_type: string | null;
  readonly entity_id: string | null;
  readonly detail: JsonValue;
}

/** Who acted, where the asking owner may know: its own people and keys, and those below. */
const visibleActor = (asker: string) => sql<string>`case when audit.actor_id in (
  select k.id::text from api_key k join owner o on o.id = k.owner_id where o.path @> array[${asker}]::uuid[]
  union all select a.id::text from account a join owner o on o.id = a.owner_id where o.path @> array[${asker}]::uuid[]
) then audit.actor_id else '' end`;

/** Newest first, of the asking owner and all below it; an actor from above has no id. */
export async function listAudit(db: Db, asker: string, before: number | null, limit: number): Promise<Page<AuditRow>> {
  let query = db
    .selectFrom('audit')
    .innerJoin('owner', 'owner.id', 'audit.owner_id')
    .select(['audit.id', 'audit.at', 'audit.owner_id', 'audit.actor_type', 'audit.action'])
    .select(visibleActor(asker).as('actor_id'))
    .select(['audit.entity_type', 'audit.entity_id', 'audit.detail'])
    .where(inSubtree(asker))
    .orderBy('audit.id', 'desc')
    .limit(limit + 1);
  if (before !== null) query = query.where('audit.id', '<', before);
  return page(await query.execute(), limit, (r) => String(r.id));
}
