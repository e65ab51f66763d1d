/** Webhooks as their owner sees them: subscriptions, secrets, deliveries and attempts. */
import { randomBytes } from 'node:crypto';
import type { JsonValue } from '@callwright/engine';
import { sql } from 'kysely';
import type { Keyring } from '../crypto.ts';
import { companyResource } from './resource.ts';
import { type CompanyScope, type Db, inTransaction, type Page, page } from './scope.ts';

export interface WebhookFields {
  readonly name: string;
  readonly url: string;
  /** Names of events, or beginnings with `*` at the end; empty: all. */
  readonly events: readonly string[];
  /** A disabled one keeps its place: what happens meanwhile is told later. */
  readonly enabled: boolean;
}

export const webhooks = companyResource<WebhookFields>({
  table: 'webhook',
  type: 'webhook',
  columns: { name: 'name', url: 'url', events: 'events', enabled: 'enabled' },
});

const SECRET_PURPOSE = 'webhook-secret';
/** Enough to change one for another without a gap. */
export const MAX_WEBHOOK_SECRETS = 5;

/** Adds a secret; its number and text, which is never shown again. Null: unknown webhook; `full`: it has as many as it may. */
export async function addWebhookSecret(
  db: Db,
  scope: CompanyScope,
  webhookId: string,
  keyring: Keyring,
): Promise<{ readonly number: number; readonly secret: string } | null | 'full'> {
  const secret = `whsec_${randomBytes(32).toString('base64url')}`;
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<{ count: number; next: number }>`
      select (select count(*) from webhook_secret s where s.webhook_id = w.id)::int as count,
        (select coalesce(max(number), 0) + 1 from webhook_secret s where s.webhook_id = w.id)::int as next
      from webhook w where w.id = ${webhookId} and w.company_id = ${scope.companyId} for update`.execute(tx);
    const [row] = rows;
    if (!row) return null;
    if (row.count >= MAX_WEBHOOK_SECRETS) return 'full';
    const sealed = keyring.seal({ owner: scope.companyId, purpose: SECRET_PURPOSE }, secret);
    await sql`insert into webhook_secret (webhook_id, company_id, number, secret_enc)
      values (${webhookId}, ${scope.companyId}, ${row.next}, ${sealed})`.execute(tx);
    return { number: row.next, secret };
  });
}

export async function listWebhookSecrets(
  db: Db,
  scope: CompanyScope,
  webhookId: string,
): Promise<readonly { readonly number: number; readonly createdAt: Date }[]> {
  const { rows } = await sql<{ number: number; createdAt: Date }>`
    select number, created_at as "createdAt" from webhook_secret
    where webhook_id = ${webhookId} and company_id = ${scope.companyId} order by number`.execute(db);
  return rows;
}

/** False when there is none of this number. */
export async function removeWebhookSecret(
  db: Db,
  scope: CompanyScope,
  webhookId: string,
  number: number,
): Promise<boolean> {
  const { rows } = await sql`delete from webhook_secret
    where webhook_id = ${webhookId} and company_id = ${scope.companyId} and number = ${number} returning number`.execute(
    db,
  );
  return rows.length > 0;
}

/** Secrets in use, newest first, for signing. */
export async function openWebhookSecrets(
  db: Db,
  keyring: Keyring,
  companyId: string,
  webhookId: string,
): Promise<readonly string[]> {
  const { rows } = await sql<{ sealed: Buffer }>`select secret_enc as sealed from webhook_secret
    where webhook_id = ${webhookId} and company_id = ${companyId} order by number desc`.execute(db);
  return rows.map(({ sealed }) => keyring.openText({ owner: companyId, purpose: SECRET_PURPOSE }, sealed));
}

export interface DeliveryView {
  readonly number: number;
  readonly eventId: string;
  readonly type: string;
  readonly at: Date;
  readonly state: 'waiting' | 'delivered' | 'dead';
  readonly attempts: number;
  readonly dueAt: Date;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly settledAt: Date | null;
}

const DELIVERY = sql`number, event_id as "eventId", type, at, state, attempts, due_at as "dueAt", last_status as "lastStatus",
  last_error as "lastError", settled_at as "settledAt"`;

/** Newest first; `before` is the number of the last delivery of the page before. */
export async function listDeliveries(
  db: Db,
  scope: CompanyScope,
  webhookId: string,
  filter: { readonly before: number | null; readonly limit: number; readonly state?: string | undefined },
): Promise<Page<DeliveryView>> {
  const { rows } = await sql<DeliveryView>`select ${DELIVERY} from webhook_delivery
    where webhook_id = ${webhookId} and company_id = ${scope.companyId}
      and (${filter.before}::bigint is null or number < ${filter.before})
      and (${filter.state ?? null}::text is null or state = ${filter.state ?? null})
    order by number desc limit ${filter.limit + 1}`.execute(db);
  return page(rows, filter.limit, (row) => String(row.number));
}

export interface AttemptView {
  readonly at: Date;
  readonly durationMs: number;
  readonly httpStatus: number | null;
  readonly error: string | null;
}

/** One delivery with what was sent and every attempt; null when unknown. */
export async function getDelivery(
  db: Db,
  scope: CompanyScope,
  webhookId: string,
  number: number,
): Promise<(DeliveryView & { readonly body: JsonValue; readonly log: readonly AttemptView[] }) | null> {
  const { rows } = await sql<DeliveryView & { body: JsonValue }>`select ${DELIVERY}, body from webhook_delivery
    where webhook_id = ${webhookId} and company_id = ${scope.companyId} and number = ${number}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const attempts = await sql<AttemptView>`select at, duration_ms as "durationMs", http_status as "httpStatus", error
    from webhook_attempt where delivery = ${number} and company_id = ${scope.companyId} order by id limit 1000`.execute(
    db,
  );
  return { ...row, log: attempts.rows };
}

/** Takes dead deliveries up again, all or those named; delivered ones only when named. How many. */
export async function resendDeliveries(
  db: Db,
  scope: CompanyScope,
  webhookId: string,
  numbers: readonly number[] | null,
): Promise<number> {
  const named =
    numbers === null ? sql`state = 'dead'` : sql`state <> 'waiting' and number = any(${[...numbers]}::bigint[])`;
  const { rows } = await sql`update webhook_delivery
    set state = 'waiting', attempts = 0, due_at = now(), settled_at = null
    where webhook_id = ${webhookId} and company_id = ${scope.companyId} and ${named} returning number`.execute(db);
  return rows.length;
}

/** Puts an event of the webhook's own into its outbox, once per id; false when the webhook is unknown. */
export async function addDelivery(
  db: Db,
  scope: CompanyScope,
  webhookId: string,
  event: { readonly id: string; readonly type: string; readonly body: JsonValue },
): Promise<boolean> {
  const { rows } = await sql`insert into webhook_delivery (webhook_id, company_id, event_id, type, at, body)
    select id, company_id, ${event.id}, ${event.type}, now(), ${JSON.stringify(event.body)}::jsonb
    from webhook where id = ${webhookId} and company_id = ${scope.companyId}
    on conflict (webhook_id, event_id) do update set event_id = excluded.event_id returning number`.execute(db);
  return rows.length > 0;
}
