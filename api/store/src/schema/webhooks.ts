/** Rows of webhooks. */
import type { Generated } from 'kysely';
import type { Jsonb, JsonbDefault, Time, TimeOrNull } from './columns.ts';

export interface WebhookTable {
  id: string;
  company_id: string;
  number: number;
  name: string;
  url: string;
  events: Generated<string[]>;
  enabled: Generated<boolean>;
  rule: Generated<string>;
  settings: JsonbDefault;
  fact_tx: Generated<string>;
  fact_seq: Generated<number>;
  directory_n: Generated<number>;
  claimed_by: string | null;
  claimed_until: TimeOrNull;
  created_at: Time;
}

export interface WebhookSecretTable {
  webhook_id: string;
  company_id: string;
  number: number;
  secret_enc: Buffer;
  created_at: Time;
}

export interface WebhookDeliveryTable {
  number: Generated<number>;
  webhook_id: string;
  company_id: string;
  event_id: string;
  type: string;
  at: Time;
  body: Jsonb;
  state: Generated<string>;
  attempts: Generated<number>;
  due_at: Time;
  last_status: number | null;
  last_error: string | null;
  settled_at: TimeOrNull;
  created_at: Time;
}

export interface WebhookAttemptTable {
  id: Generated<number>;
  company_id: string;
  delivery: number;
  at: Time;
  duration_ms: number;
  http_status: number | null;
  error: string | null;
}
