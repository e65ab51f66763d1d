/**
 * Every exported query that acts for a company or an owner is asked by another company for everything a first one has: it must show
 * nothing of it and write no row that names anything of it. What to pass is read from the signatures, so that a new query is tried
 * without a word here.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { type TestDatabase, testDatabase } from '@callwright/test-support';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as store from './index.ts';
import { type CompanyScope, companyScope, type Db, keyringFromBytes, seedDemo, uuidv7 } from './index.ts';

type Query = (db: Db, as: unknown, ...rest: unknown[]) => Promise<unknown>;

interface Signature {
  readonly name: string;
  readonly run: Query;
  /** Of the parameters after the asker. */
  readonly types: readonly string[];
  readonly as: 'scope' | 'owner';
}

const MARK = 'SecretOfA';
let database: TestDatabase;
let mine: CompanyScope;
let theirs: CompanyScope;
/** One id of a row of the first company, per table. */
let ids: string[];
let everyId: Set<string>;

beforeAll(async () => {
  database = await testDatabase();
  const { store: opened } = database;
  const demo = await seedDemo(opened, keyringFromBytes(randomBytes(32)), [], { apiKey: null, password: null });
  const platform = (await store.findPlatform(opened.db))!;
  const otherId = uuidv7();
  await store.createOwner(opened.db, platform.id, platform.id, {
    id: otherId,
    kind: 'company',
    name: 'B',
    settings: {},
  });
  mine = (await companyScope(opened.db, platform.id, demo.companyId))!;
  theirs = (await companyScope(opened.db, platform.id, otherId))!;
  await populate();
  await watch();
});
afterAll(() => database.drop());

/** A row of as many kinds as there are, each with the mark in what people read. */
async function populate(): Promise<void> {
  const { db } = database.store;
  const call = uuidv7();
  const site = { street: '', postalCode: '', city: '', region: '', location: '', emergencyNumber: null, main: true };
  await store.sites.create(db, mine, uuidv7(), { ...site, name: MARK, country: 'FR' });
  await store.departments.create(db, mine, uuidv7(), { name: MARK, parentId: null });
  const user = await store.createUser(db, mine, uuidv7(), {
    extension: '199',
    givenName: MARK,
    numbers: { mobile: '0612345678' },
  });
  await store.createAccount(db, mine.companyId, {
    id: uuidv7(),
    ownerId: mine.companyId,
    email: `${MARK}@a.example`,
    name: MARK,
    role: 'user',
    userId: user.id,
    passwordHash: null,
  });
  await store.parkSlots.create(db, mine, uuidv7(), { name: MARK, extension: '901', returnMs: 10_000 });
  const room = {
    pinHash: null,
    moderatorPinHash: null,
    maxMembers: 2,
    waitForModerator: false,
    endWithModerator: false,
    announce: true,
    record: false,
  };
  await store.meetingRooms.create(db, mine, uuidv7(), { ...room, name: MARK, extension: '902' });
  const book = uuidv7();
  const kind = { kind: 'company', departmentId: null, userId: null, editable: true } as const;
  await store.phonebooks.create(db, mine, book, { ...kind, name: MARK });
  const fields = {
    givenName: MARK,
    familyName: '',
    organisation: '',
    email: null,
    address: '',
    notes: '',
    favourite: false,
  };
  await store.writeContacts(db, mine, book, 'FR', [
    {
      id: null,
      fields: { ...fields, numbers: [{ kind: 'office', number: '0145420000' }], data: {} },
      external: { scheme: 's', value: 'v' },
    },
  ]);
  const list = { ownerId: mine.companyId, userId: null, name: MARK, kind: 'block' } as const;
  await store.createCallerList(db, mine.companyId, uuidv7(), list);
  await sql`insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
    values (${call}, nextval('call_number_seq'), ${mine.companyId}, 'inbound', 'started', '{}', 'h', '{"name":"SecretOfA"}', '{}')`.execute(
    db,
  );
  await sql`insert into call_record (call_id, n, company_id, at, stream, type, body)
    values (${call}, 1, ${mine.companyId}, now(), 'fact', 't', '{"name":"SecretOfA"}')`.execute(db);
}

const tablesOf = async (): Promise<Map<string, string[]>> => {
  const { rows } = await sql<{ table_name: string; column_name: string }>`select c.table_name, c.column_name
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.data_type = 'uuid'`.execute(
    database.store.db,
  );
  const tables = new Map<string, string[]>();
  for (const { table_name, column_name } of rows)
    tables.set(table_name, [...(tables.get(table_name) ?? []), column_name]);
  return tables;
};

/**
 * Notes every written row, old or new, that names anything of the first company in a uuid column. The id of a new row does not count: it
 * is the asker's to choose.
 */
async function watch(): Promise<void> {
  const { db } = database.store;
  const tables = await tablesOf();
  everyId = new Set([mine.companyId]);
  ids = [mine.companyId];
  for (const [table, columns] of tables) {
    const owner = ['company_id', 'owner_id'].find((c) => columns.includes(c));
    if (!owner || !columns.includes('id')) continue;
    const { rows } = await sql<{
      id: string;
    }>`select id from ${sql.table(table)} where ${sql.ref(owner)} = ${mine.companyId}
        order by id desc`.execute(db);
    for (const { id } of rows) everyId.add(id);
    if (rows[0]) ids.push(rows[0].id);
  }
  await sql`create table watched_id (id uuid primary key)`.execute(db);
  await sql`insert into watched_id select unnest(${[...everyId]}::uuid[]) on conflict do nothing`.execute(db);
  await sql`create table touched (table_name text)`.execute(db);
  await sql`create function note_touch() returns trigger language plpgsql as $$
    declare written jsonb := case when tg_op = 'INSERT' then '[]' else jsonb_build_array(to_jsonb(old)) end
      || case tg_op when 'DELETE' then '[]' when 'INSERT' then jsonb_build_array(to_jsonb(new) - 'id')
        else jsonb_build_array(to_jsonb(new)) end;
    begin
      if exists (select 1 from jsonb_array_elements(written) r(body) cross join unnest(tg_argv) c(name)
        join watched_id w on w.id::text = r.body->>c.name) then insert into touched values (tg_table_name); end if;
      return null;
    end $$`.execute(db);
  for (const [table, columns] of tables)
    await sql`create trigger watch after insert or update or delete on ${sql.table(table)} for each row
      execute function note_touch(${sql.join(columns.map((c) => sql.lit(c)))})`.execute(db);
}

/** Parts of a parameter list, split at commas outside brackets. */
function split(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const c of text) {
    if ('({[<'.includes(c)) depth += 1;
    if (')}]>'.includes(c)) depth -= 1;
    if (c === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += c;
  }
  return parts.map((p) => p.trim()).filter(Boolean);
}

const exported = store as unknown as Record<string, unknown>;

function signatures(): Signature[] {
  const folder = new URL('./queries/', import.meta.url);
  const found: Signature[] = [];
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const text = readFileSync(new URL(file, folder), 'utf8');
    for (const match of text.matchAll(
      /export (?:async function (\w+)|const (\w+) = (?:async )?)\(([\s\S]*?)\)(?:: Promise| =>)/g,
    )) {
      const name = (match[1] ?? match[2])!;
      const [db, as, ...rest] = split(match[3]!);
      if (typeof exported[name] !== 'function' || !/: (Db|Transaction)/.test(db ?? '')) continue;
      const asker = /: CompanyScope$/.test(as ?? '')
        ? 'scope'
        : /^(asker|companyId|ownerId): string$/.test(as ?? '')
          ? 'owner'
          : null;
      if (!asker) continue;
      found.push({
        name,
        run: exported[name] as Query,
        types: rest.map((p) => p.slice(p.indexOf(':') + 1)),
        as: asker,
      });
    }
  }
  for (const [name, value] of Object.entries(exported)) {
    if (typeof value !== 'object' || value === null || !('spec' in value)) continue;
    const types = {
      get: ['string'],
      list: ['Filter'],
      create: ['string', 'F'],
      update: ['string', 'F'],
      remove: ['string'],
    };
    for (const [verb, parameters] of Object.entries(types))
      found.push({
        name: `${name}.${verb}`,
        run: (value as Record<string, Query>)[verb]!,
        types: parameters,
        as: 'scope',
      });
  }
  return found;
}

const NAMES = [
  'id',
  'ownerId',
  'companyId',
  'userId',
  'parentId',
  'departmentId',
  'siteId',
  'phonebookId',
  'flowId',
  'callId',
];

/** Values of a type that all name the id: one way or several. */
function values(type: string, id: string): unknown[] {
  const bag = {
    after: 0,
    limit: 50,
    before: null,
    name: 'Named',
    number: '199',
    extension: '199',
    dialled: '199',
    kind: 'block',
    role: 'user',
    scheme: 's',
    value: 'v',
    type: 'user',
    email: 'named@b.example',
    numbers: {},
    members: [],
    settings: {},
    ...Object.fromEntries(NAMES.map((n) => [n, id])),
  };
  if (/\[\]|ReadonlySet|readonly string/.test(type)) return [[id], [bag]];
  if (/\bnumber\b/.test(type) && !/\bstring\b/.test(type)) return [50];
  if (/boolean/.test(type)) return [true];
  if (/\bDate\b/.test(type)) return [new Date()];
  if (/^\s*string/.test(type)) return [id, MARK];
  return [bag];
}

class Undo extends Error {}

/** What a query does for `asker` with arguments that name the id: its answer and the watched tables it wrote; all is undone. */
async function attempt(
  { run, types, as }: Signature,
  asker: CompanyScope,
  id: string,
): Promise<{ answers: string; touched: string[] }> {
  const choices = types.map((type) => values(type, id));
  const most = Math.max(1, ...choices.map((c) => c.length));
  const done = { answers: '', touched: [] as string[] };
  for (let n = 0; n < most; n += 1) {
    const args = choices.map((c) => c[n % c.length]);
    await database.store.db
      .transaction()
      .execute(async (tx) => {
        try {
          const answer = await store.inSavepoint(tx, () => run(tx, as === 'scope' ? asker : asker.companyId, ...args));
          done.answers += JSON.stringify(answer, (_k, v) => (v instanceof Map || v instanceof Set ? [...v] : v)) ?? '';
        } catch {
          // refused
        }
        const { rows } = await sql<{ table_name: string }>`select distinct table_name from touched`.execute(tx);
        done.touched.push(...rows.map((r) => r.table_name));
        throw new Undo();
      })
      .catch((error: unknown) => {
        if (!(error instanceof Undo)) throw error;
      });
  }
  return done;
}

/** Everything a query gave away or changed of the first company, asked by the second. */
async function leaksOf(signature: Signature): Promise<string[]> {
  const leaks = new Set<string>();
  for (const id of signature.types.length === 0 ? ids.slice(0, 1) : ids) {
    const { answers, touched } = await attempt(signature, theirs, id);
    if (
      answers.includes(MARK) &&
      !signature.types.some((t) => /^\s*string/.test(t) && answers === JSON.stringify(MARK))
    )
      leaks.add(`${signature.name} shows the mark`);
    for (const other of everyId)
      if (other !== id && answers.includes(other)) leaks.add(`${signature.name} shows another id`);
    for (const table of touched) leaks.add(`${signature.name} writes to ${table}`);
  }
  return [...leaks];
}

describe('another company', () => {
  test('sees and changes nothing by any query', async () => {
    const all = signatures();
    expect(all.length).toBeGreaterThan(100);
    const leaks: string[] = [];
    const next = all.values();
    const work = async (): Promise<void> => {
      for (const signature of next) leaks.push(...(await leaksOf(signature)));
    };
    await Promise.all([work(), work(), work(), work()]);
    expect(leaks).toEqual([]);
  }, 180_000);
});

describe('the test itself', () => {
  test('gets answers where they are due', async () => {
    const due = ['getUser', 'getContact', 'getAccount', 'getCallerList', 'sites.get', 'departments.list'];
    const silent: string[] = [];
    for (const signature of signatures().filter(({ name }) => due.includes(name))) {
      const tried = await Promise.all(ids.map((id) => attempt(signature, mine, id)));
      if (!tried.some(({ answers }) => answers.includes(MARK))) silent.push(signature.name);
    }
    expect(silent).toEqual([]);
  }, 180_000);

  test('finds a query that forgets the company, reading and writing', async () => {
    const read: Query = async (db, _scope, id) =>
      (await sql`select * from directory_user where id::text = ${String(id)}`.execute(db)).rows;
    const write: Query = async (db, _scope, id) =>
      (await sql`update site set main = false where id::text = ${String(id)}`.execute(db)).rows;
    const refer: Query = async (db, scope, id) =>
      (
        await sql`insert into phonebook (id, company_id, number, name, kind, user_id)
        values (${uuidv7()}, ${(scope as CompanyScope).companyId}, 77, 'x', 'private', ${id})`.execute(db)
      ).rows;
    const as = { types: ['string'], as: 'scope' } as const;
    const found = [];
    for (const [name, run] of Object.entries({ read, write, refer }))
      found.push(...(await leaksOf({ ...as, name, run })));
    expect(found).toEqual(
      expect.arrayContaining(['read shows the mark', 'write writes to site', 'refer writes to phonebook']),
    );
  });
});
