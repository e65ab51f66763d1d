/** Rows of partner contracts. */
import type { Generated } from 'kysely';
import type { Jsonb, JsonbDefault, Time, TimeOrNull } from './columns.ts';

export interface PartnerModuleTable {
  id: string;
  company_id: string;
  number: number;
  contract: string;
  name: string;
  enabled: Generated<boolean>;
  settings: JsonbDefault;
  token_hash: Buffer;
  token_enc: Buffer;
  created_at: Time;
  enabled_at: Time;
  claimed_by: string | null;
  claimed_until: TimeOrNull;
}

export interface PartnerCursorTable {
  company_id: string;
  tx: Generated<string>;
  seq: Generated<number>;
  directory_n: Generated<number>;
}

export interface PartnerCallTable {
  contract: string;
  call_id: string;
  company_id: string;
  memory: Jsonb;
  updated_at: Time;
}

export interface PartnerCommandTable {
  id: string;
  company_id: string;
  module_id: string;
  request_id: string;
  extension: string | null;
  created_at: Time;
}

export interface PartnerNoticeTable {
  number: Generated<number>;
  module_id: string;
  company_id: string;
  call_id: string;
  fact: number;
  place: number;
  notice: Jsonb;
  state: Generated<string>;
  attempts: Generated<number>;
  due_at: Time;
  http_status: number | null;
  error: string | null;
  created_at: Time;
  settled_at: TimeOrNull;
}
