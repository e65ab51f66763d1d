/** What other applications call the company's entities: (scheme, value) → entity, unique in the company and type. */
import { sql } from 'kysely';
import type { Database } from '../schema.ts';
import { checkReferences, UnknownReference } from './resource.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';

/** Entities that may have external ids, and where they are. */
export const ENTITY_TABLES = {
  user: 'directory_user',
  device: 'device',
  'ring-group': 'ring_group',
  number: 'phone_number',
  calendar: 'calendar',
  site: 'site',
  department: 'department',
  voicemail: 'voicemail_box',
  'meeting-room': 'meeting_room',
  'park-slot': 'park_slot',
  phonebook: 'phonebook',
  contact: 'contact',
  flow: 'flow',
} as const satisfies Record<string, keyof Database & string>;

export type ExternalType = keyof typeof ENTITY_TABLES;
export const EXTERNAL_TYPES = Object.keys(ENTITY_TABLES) as [ExternalType, ...ExternalType[]];

export interface ExternalId {
  readonly scheme: string;
  readonly value: string;
  readonly type: ExternalType;
  readonly id: string;
}

/** External ids of one entity, or the entity of one external id. */
export async function listExternalIds(
  db: Db,
  scope: CompanyScope,
  filter: { readonly type: ExternalType; readonly id?: string; readonly scheme?: string; readonly value?: string },
): Promise<ExternalId[]> {
  const { rows } = await sql<ExternalId>`
    select scheme, value, entity_type as type, entity_id as id from external_id
    where owner_id = ${scope.companyId} and entity_type = ${filter.type}
      and (${filter.id ?? null}::uuid is null or entity_id = ${filter.id ?? null})
      and (${filter.scheme ?? null}::text is null or scheme = ${filter.scheme ?? null})
      and (${filter.value ?? null}::text is null or value = ${filter.value ?? null})
    order by scheme, value limit 500`.execute(db);
  return rows;
}

/** Names an entity; the same name for the same entity changes nothing. Throws `UnknownReference`, or 23505 when another has the name. */
export async function addExternalId(db: Db, scope: CompanyScope, name: ExternalId): Promise<void> {
  await inTransaction(db, async (tx) => {
    if (!Object.hasOwn(ENTITY_TABLES, name.type)) throw new UnknownReference('type');
    await checkReferences(tx, scope, [['id', ENTITY_TABLES[name.type], name.id]]);
    const known = await listExternalIds(tx, scope, name);
    if (known.length > 0) return;
    await tx
      .insertInto('external_id')
      .values({
        owner_id: scope.companyId,
        scheme: name.scheme,
        value: name.value,
        entity_type: name.type,
        entity_id: name.id,
      })
      .execute();
  });
}

/** False when unknown. */
export async function removeExternalId(db: Db, scope: CompanyScope, name: Omit<ExternalId, 'id'>): Promise<boolean> {
  const { rows } = await sql`delete from external_id where owner_id = ${scope.companyId} and scheme = ${name.scheme}
    and value = ${name.value} and entity_type = ${name.type} returning entity_id`.execute(db);
  return rows.length > 0;
}
