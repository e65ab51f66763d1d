/** Prompts: named audio of a company over content kept once per hash. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type CompanyScope, type Db, inTransaction, nextNumber, type Page, page } from './scope.ts';
import { uuidv7 } from './uuid.ts';

export interface PromptRow {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly text: string | null;
  readonly language: string | null;
  readonly content_hash: string;
  readonly duration_ms: number;
  readonly updated_at: Date;
}

export interface PromptContent {
  /** 8 kHz mono 16 bit WAV. */
  readonly wav: Buffer;
  readonly durationMs: number;
  /** Set when the audio was spoken from text. */
  readonly text: string | null;
  readonly language: string | null;
}

function selectPrompts(db: Db, scope: CompanyScope) {
  return db
    .selectFrom('prompt')
    .innerJoin('prompt_content', 'prompt_content.hash', 'prompt.content_hash')
    .select([
      'prompt.id',
      'prompt.number',
      'prompt.name',
      'prompt.text',
      'prompt.language',
      'prompt.content_hash',
      'prompt_content.duration_ms',
      'prompt.updated_at',
    ])
    .where('prompt.company_id', '=', scope.companyId);
}

export async function listPrompts(db: Db, scope: CompanyScope, after: number, limit: number): Promise<Page<PromptRow>> {
  const rows = await selectPrompts(db, scope)
    .where('prompt.number', '>', after)
    .orderBy('prompt.number')
    .limit(limit + 1)
    .execute();
  return page(rows, limit, (r) => String(r.number));
}

export async function getPrompt(db: Db, scope: CompanyScope, name: string): Promise<PromptRow | null> {
  return (await selectPrompts(db, scope).where('prompt.name', '=', name).executeTakeFirst()) ?? null;
}

/** Makes or replaces the audio of a name; published revisions keep the content they pinned. */
export async function putPrompt(db: Db, scope: CompanyScope, name: string, content: PromptContent): Promise<PromptRow> {
  const hash = createHash('sha256').update(content.wav).digest('hex');
  return inTransaction(db, async (tx) => {
    await tx
      .insertInto('prompt_content')
      .values({ hash, bytes: content.wav, duration_ms: content.durationMs })
      .onConflict((c) => c.column('hash').doNothing())
      .execute();
    const fields = { text: content.text, language: content.language, content_hash: hash, updated_at: new Date() };
    const changed = await tx
      .updateTable('prompt')
      .set(fields)
      .where('company_id', '=', scope.companyId)
      .where('name', '=', name)
      .returning('id')
      .executeTakeFirst();
    if (!changed) {
      await tx
        .insertInto('prompt')
        .values({
          id: uuidv7(),
          company_id: scope.companyId,
          number: await nextNumber(tx, scope.companyId, 'prompt'),
          name,
          ...fields,
        })
        .onConflict((c) => c.columns(['company_id', 'name']).doUpdateSet(fields))
        .execute();
    }
    return (await getPrompt(tx, scope, name))!;
  });
}

export async function deletePrompt(db: Db, scope: CompanyScope, name: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('prompt')
    .where('company_id', '=', scope.companyId)
    .where('name', '=', name)
    .returning('id')
    .executeTakeFirst();
  return gone !== undefined;
}

/** The WAV of a prompt of the company. */
export async function readPrompt(db: Db, scope: CompanyScope, name: string): Promise<Buffer | null> {
  const row = await db
    .selectFrom('prompt')
    .innerJoin('prompt_content', 'prompt_content.hash', 'prompt.content_hash')
    .select('prompt_content.bytes')
    .where('prompt.company_id', '=', scope.companyId)
    .where('prompt.name', '=', name)
    .executeTakeFirst();
  return row?.bytes ?? null;
}

/** Name → content hash of all prompts of a company: what publishing pins. */
export async function promptHashes(db: Db, scope: CompanyScope): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('prompt')
    .select(['name', 'content_hash'])
    .where('company_id', '=', scope.companyId)
    .execute();
  return new Map(rows.map((r) => [r.name, r.content_hash]));
}

/** For players: bytes of a content hash, when a prompt or a published revision of the company names it. */
export async function loadPromptContent(db: Db, companyId: string, hash: string): Promise<Buffer | null> {
  const { rows } = await sql<{ bytes: Buffer }>`
    select bytes from prompt_content c where c.hash = ${hash} and (
      exists (select 1 from prompt p where p.company_id = ${companyId} and p.content_hash = c.hash)
      or exists (select 1 from revision r where r.company_id = ${companyId}
        and jsonb_path_exists(r.closure, '$.documents.*.audio.* ? (@ == $h)', jsonb_build_object('h', c.hash))))`.execute(
    db,
  );
  return rows[0]?.bytes ?? null;
}
