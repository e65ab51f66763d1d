import { readdirSync, readFileSync } from 'node:fs';
import { testDatabase } from '@callwright/test-support';
import { expect, test } from 'vitest';
import { migrateStore } from './store.ts';

/** Text of `schema.ts` and of every file of `schema/`. */
function schemaText(): string {
  const areas = readdirSync(new URL('./schema/', import.meta.url)).map((name) => `./schema/${name}`);
  return ['./schema.ts', ...areas].map((name) => readFileSync(new URL(name, import.meta.url), 'utf8')).join('\n');
}

/** Tables and columns as `schema.ts` declares them, read from its text. */
function declared(): Map<string, string[]> {
  const text = schemaText();
  const interfaces = new Map<string, string[]>();
  for (const match of text.matchAll(/export interface (\w+) \{\n([\s\S]*?)\n\}/g)) {
    const members = [...match[2]!.matchAll(/^ {2}(\w+): /gm)].map((m) => m[1]!);
    interfaces.set(match[1]!, members);
  }
  const tables = new Map<string, string[]>();
  const database = text.match(/export interface Database \{\n([\s\S]*?)\n\}/)![1]!;
  for (const match of database.matchAll(/^ {2}(\w+): (?:\w+\.)?(\w+);/gm))
    tables.set(match[1]!, interfaces.get(match[2]!)!);
  return tables;
}

test('schema.ts and the migrated database name the same tables and columns', async () => {
  const database = await testDatabase();
  try {
    const { rows } = await database.store.pool.query<{ table_name: string; column_name: string }>(
      `select table_name, column_name from information_schema.columns where table_schema = 'public' and table_name <> 'migration'`,
    );
    const actual = new Map<string, string[]>();
    for (const row of rows) actual.set(row.table_name, [...(actual.get(row.table_name) ?? []), row.column_name]);
    const sorted = (tables: Map<string, string[]>) =>
      Object.fromEntries(
        [...tables].map(([name, columns]) => [name, [...columns].sort()]).sort(([a], [b]) => (a! < b! ? -1 : 1)),
      );
    expect(declared().size).toBeGreaterThan(20);
    expect(sorted(declared())).toEqual(sorted(actual));
  } finally {
    await database.drop();
  }
});

test('columns that may be null are so in schema.ts, and the other way round', async () => {
  const database = await testDatabase();
  try {
    const { rows } = await database.store.pool.query<{ table_name: string; column_name: string; is_nullable: string }>(
      `select table_name, column_name, is_nullable from information_schema.columns where table_schema = 'public' and table_name <> 'migration'`,
    );
    const text = schemaText();
    const database_ = text.match(/export interface Database \{\n([\s\S]*?)\n\}/)![1]!;
    const wrong: string[] = [];
    for (const row of rows) {
      const table = database_.match(new RegExp(`^ {2}${row.table_name}: (?:\\w+\\.)?(\\w+);`, 'm'))![1]!;
      const body = text.match(new RegExp(`export interface ${table} \\{\\n([\\s\\S]*?)\\n\\}`))![1]!;
      const type = body.match(new RegExp(`^ {2}${row.column_name}: (.*);`, 'm'))![1]!;
      const nullable = /null|OrNull/.test(type);
      if (nullable !== (row.is_nullable === 'YES')) wrong.push(`${row.table_name}.${row.column_name}: ${type}`);
    }
    expect(wrong).toEqual([]);
  } finally {
    await database.drop();
  }
});

test('migrating twice, and from several processes at once, changes nothing', async () => {
  const database = await testDatabase();
  try {
    await Promise.all([migrateStore(database.store), migrateStore(database.store), migrateStore(database.store)]);
    const { rows } = await database.store.pool.query('select name from migration');
    expect(rows.length).toBe(new Set(rows.map((r) => r.name)).size);
  } finally {
    await database.drop();
  }
});
