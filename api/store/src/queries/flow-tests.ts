/** Tests of flows, and what refers to an entity: what an author asks the store while he designs. */
import type { FlowFile, RevisionClosure } from '@callwright/engine';
import { sql } from 'kysely';
import { ENTITY_TABLES } from './external-ids.ts';
import { lockFlow } from './flows.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';

export interface FlowTestRow {
  readonly name: string;
  readonly script: Record<string, unknown>[];
  readonly path: string[];
  readonly updated_at: Date;
}

/** Most tests of one flow. */
export const MOST_FLOW_TESTS = 200;

const FIELDS = ['name', 'script', 'path', 'updated_at'] as const;

/** By name; null when the flow is unknown. */
export async function listFlowTests(db: Db, scope: CompanyScope, flowId: string): Promise<FlowTestRow[] | null> {
  if (!(await flowExists(db, scope, flowId))) return null;
  return db
    .selectFrom('flow_test')
    .select(FIELDS)
    .where('company_id', '=', scope.companyId)
    .where('flow_id', '=', flowId)
    .orderBy('name')
    .execute();
}

/** Makes or replaces a test; null when the flow is unknown, `full` when it has too many. */
export async function putFlowTest(
  db: Db,
  scope: CompanyScope,
  flowId: string,
  test: Pick<FlowTestRow, 'name' | 'script' | 'path'>,
): Promise<FlowTestRow | 'full' | null> {
  return inTransaction(db, async (tx) => {
    if (!(await lockFlow(tx, scope, flowId))) return null;
    const { count } = await tx
      .selectFrom('flow_test')
      .select((e) => e.fn.countAll().as('count'))
      .where('company_id', '=', scope.companyId)
      .where('flow_id', '=', flowId)
      .where('name', '<>', test.name)
      .executeTakeFirstOrThrow();
    if (Number(count) >= MOST_FLOW_TESTS) return 'full';
    const content = { script: JSON.stringify(test.script), path: JSON.stringify(test.path) };
    return tx
      .insertInto('flow_test')
      .values({ company_id: scope.companyId, flow_id: flowId, name: test.name, ...content })
      .onConflict((c) => c.columns(['flow_id', 'name']).doUpdateSet({ ...content, updated_at: new Date() }))
      .returning(FIELDS)
      .executeTakeFirstOrThrow();
  });
}

/** False when there is no such test. */
export async function deleteFlowTest(db: Db, scope: CompanyScope, flowId: string, name: string): Promise<boolean> {
  const deleted = await db
    .deleteFrom('flow_test')
    .where('company_id', '=', scope.companyId)
    .where('flow_id', '=', flowId)
    .where('name', '=', name)
    .executeTakeFirst();
  return deleted.numDeletedRows > 0n;
}

async function flowExists(db: Db, scope: CompanyScope, flowId: string): Promise<boolean> {
  const row = await db
    .selectFrom('flow')
    .select('id')
    .where('id', '=', flowId)
    .where('company_id', '=', scope.companyId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Changes the comment of a revision, its name for people; null when there is none. */
export async function commentRevision(
  db: Db,
  scope: CompanyScope,
  flowId: string,
  number: number,
  comment: string,
): Promise<boolean> {
  const changed = await db
    .updateTable('revision')
    .set({ comment })
    .where('company_id', '=', scope.companyId)
    .where('flow_id', '=', flowId)
    .where('number', '=', number)
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}

export interface FlowContents {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly draft: FlowFile;
  readonly published: RevisionClosure | null;
}

/** Every flow with its draft and what is published of it, by number, for a search through them. */
export async function flowContents(
  db: Db,
  scope: CompanyScope,
  after: string | null,
  limit: number,
): Promise<FlowContents[]> {
  let query = db
    .selectFrom('flow')
    .leftJoin('revision', (j) =>
      j.onRef('revision.hash', '=', 'flow.published_hash').onRef('revision.company_id', '=', 'flow.company_id'),
    )
    .select(['flow.id', 'flow.name', 'flow.title', 'flow.draft', 'revision.closure as published'])
    .where('flow.company_id', '=', scope.companyId)
    .where('flow.deleted_at', 'is', null)
    .orderBy('flow.id')
    .limit(limit);
  if (after !== null) query = query.where('flow.id', '>', after);
  return (await query.execute()) as unknown as FlowContents[];
}

/** Kinds of entities that flows name, and by what else than the id. */
const NAMED = {
  'ring-group': ['name'],
  calendar: ['name'],
  flow: ['name'],
  user: ['extension'],
  queue: ['name', 'extension'],
  voicemail: ['name'],
  'meeting-room': ['name', 'extension'],
  'caller-list': ['name'],
} as const;
const TABLES = { ...ENTITY_TABLES, queue: 'queue', 'caller-list': 'caller_list' } as const;

export type NamedEntity = keyof typeof NAMED;

/** By what an entity of the company may be named in a flow: its id, and its name or extension. Empty when it is not the company's. */
export async function namesOfEntity(db: Db, scope: CompanyScope, type: NamedEntity, key: string): Promise<string[]> {
  const { rows } = await sql<{ names: (string | null)[] }>`
    select array[id::text, ${sql.join(NAMED[type].map((name) => sql.ref(name)))}] as names
    from ${sql.table(TABLES[type])}
    where ${sql.ref(type === 'caller-list' ? 'owner_id' : 'company_id')} = ${scope.companyId} and id = ${key}`.execute(
    db,
  );
  return (rows[0]?.names ?? []).filter((name) => name !== null && name !== '') as string[];
}

export interface RuleLeadingThere {
  readonly id: string;
  readonly name: string;
  /** Dialled number of the rule, where it is about one. */
  readonly number: string | null;
}

/** Routing rules that lead to an entity. */
export async function rulesLeadingTo(
  db: Db,
  scope: CompanyScope,
  type: string,
  id: string,
): Promise<RuleLeadingThere[]> {
  return db
    .selectFrom('routing_rule')
    .leftJoin('phone_number', (j) =>
      j
        .onRef('phone_number.id', '=', 'routing_rule.phone_number_id')
        .onRef('phone_number.company_id', '=', 'routing_rule.company_id'),
    )
    .select(['routing_rule.id', 'routing_rule.name', 'phone_number.dialled as number'])
    .where('routing_rule.company_id', '=', scope.companyId)
    .where('routing_rule.destination_type', '=', type)
    .where('routing_rule.destination_id', '=', id)
    .orderBy('routing_rule.position')
    .limit(500)
    .execute();
}
