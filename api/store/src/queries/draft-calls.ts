/**
 * Drafts that can be called: an unpublished revision, pinned by its hash, behind a number of its own for a while. The published revision
 * and all that leads to the flow stay as they are.
 */
import { randomInt } from 'node:crypto';
import type { FlowLayout, RevisionClosure } from '@callwright/engine';
import { sql } from 'kysely';
import type { EncryptedSipSecret } from './devices.ts';
import { TRY_DRAFT } from './draft-numbers.ts';
import { effectiveCodes, type FeatureCode } from './routing/feature-codes.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';

const CODE_DIGITS = 4;
/** Codes tried before the company counts as full. */
const ATTEMPTS = 20;

export interface NewDraftCall {
  readonly id: string;
  readonly flowId: string;
  readonly closure: RevisionClosure;
  readonly layout: FlowLayout | null;
  /** Actor, e.g. `account:<id>`. */
  readonly by: string;
  readonly expiresAt: Date;
  /** A log-in that may dial this draft and nothing else. */
  readonly login: {
    readonly id: string;
    readonly username: string;
    readonly realm: string;
    /** Whom its calls come from; null = nobody of the directory. */
    readonly userId: string | null;
    readonly seal: EncryptedSipSecret;
  };
}

export interface DraftCall {
  readonly id: string;
  readonly revision: string;
  /** What a phone of the company dials. */
  readonly number: string;
  readonly expiresAt: Date;
}

/**
 * Stores the revision (once per hash), a number for it and its log-in; null when the flow is unknown, `full` without a
 * free number, `off` where the company has switched the feature off.
 */
export async function createDraftCall(
  db: Db,
  scope: CompanyScope,
  draft: NewDraftCall,
): Promise<DraftCall | 'full' | 'off' | null> {
  return inTransaction(db, async (tx) => {
    const { rows: flows } = await sql`select 1 from flow
      where id = ${draft.flowId} and company_id = ${scope.companyId} and deleted_at is null for share`.execute(tx);
    if (flows.length === 0) return null;
    const prefix = await prefixOf(tx, scope);
    if (prefix === null) return 'off';
    const { root } = draft.closure;
    await sql`insert into revision (hash, company_id, flow_id, number, closure, layout, published_by)
      values (${root}, ${scope.companyId}, ${draft.flowId}, null, ${JSON.stringify(draft.closure)},
        ${draft.layout ? JSON.stringify(draft.layout) : null}, ${draft.by})
      on conflict (company_id, hash) do nothing`.execute(tx);
    const code = await claimCode(tx, scope, draft);
    if (code === null) return 'full';
    const number = `${prefix}${code}`;
    const { login } = draft;
    await sql`insert into sip_login (id, company_id, user_id, username, realm, secret_enc, ha1_md5_enc, ha1_sha256_enc, expires_at, only_dials)
      values (${login.id}, ${scope.companyId}, ${login.userId}, ${login.username}, ${login.realm}, ${login.seal.secretEnc},
        ${login.seal.ha1Md5Enc}, ${login.seal.ha1Sha256Enc}, ${draft.expiresAt}, ${number})`.execute(tx);
    return { id: draft.id, revision: root, number, expiresAt: draft.expiresAt };
  });
}

/** The code in force for drafts; null when it is switched off. */
async function prefixOf(tx: Db, scope: CompanyScope): Promise<string | null> {
  const { rows } = await sql<FeatureCode>`select id, code, action, options, enabled from feature_code
    where company_id = ${scope.companyId}`.execute(tx);
  return effectiveCodes(rows).find(({ action, enabled }) => action === TRY_DRAFT && enabled)?.code ?? null;
}

/** A code of four digits that no other draft of the company has; one whose time is over is taken from it. */
async function claimCode(tx: Db, scope: CompanyScope, draft: NewDraftCall): Promise<string | null> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const code = String(randomInt(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, '0');
    await sql`delete from draft_call where company_id = ${scope.companyId} and code = ${code} and expires_at <= now()`.execute(
      tx,
    );
    const { rows } =
      await sql`insert into draft_call (id, company_id, flow_id, revision_hash, code, created_by, expires_at)
      values (${draft.id}, ${scope.companyId}, ${draft.flowId}, ${draft.closure.root}, ${code}, ${draft.by}, ${draft.expiresAt})
      on conflict (company_id, code) do nothing returning id`.execute(tx);
    if (rows.length > 0) return code;
  }
  return null;
}

/** Removes what drafts leave: numbers and log-ins whose time is over, and a day later revisions that no call names. */
export async function purgeDraftCalls(db: Db): Promise<void> {
  await sql`delete from draft_call where expires_at < now()`.execute(db);
  await sql`delete from sip_login where expires_at < now()`.execute(db);
  await sql`delete from revision r where r.number is null and r.published_at < now() - interval '1 day'
    and not exists (select 1 from draft_call d where d.company_id = r.company_id and d.revision_hash = r.hash)
    and not exists (select 1 from call c where c.company_id = r.company_id and c.revision_hash = r.hash)
    and not exists (select 1 from cdr c where c.company_id = r.company_id and c.revision = r.hash)`.execute(db);
}
