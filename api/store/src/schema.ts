/**
 * Row types of every table, one interface a table, kept beside the migrations by hand; `schema.it.test.ts` compares both ways.
 */

import type { JsonValue } from '@callwright/engine';
import type { ColumnType, Generated } from 'kysely';

type Time = ColumnType<Date, Date | string | undefined, Date | string>;
type TimeOrNull = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
/** jsonb: read as JSON, written as its text. */
type Jsonb = ColumnType<JsonValue, string, string>;
type JsonbOrNull = ColumnType<JsonValue, string | null | undefined, string | null>;

export interface OwnerTable {
  id: string;
  number: Generated<number>;
  parent_id: string | null;
  kind: string;
  path: string[];
  name: string;
  settings: ColumnType<JsonValue, string | undefined, string>;
  suspended_at: TimeOrNull;
  created_at: Time;
}

export interface NumberBlockTable {
  owner_id: string | null;
  type: string;
  next: Generated<number>;
}

export interface AccountTable {
  id: string;
  number: number;
  owner_id: string;
  email: string;
  name: Generated<string>;
  role: string;
  password_hash: string | null;
  disabled_at: TimeOrNull;
  created_at: Time;
}

export interface SessionTable {
  id_hash: Buffer;
  account_id: string;
  created_at: Time;
  expires_at: ColumnType<Date, Date | string, Date | string>;
}

export interface ApiKeyTable {
  id: string;
  owner_id: string;
  account_id: string | null;
  name: string;
  key_hash: Buffer;
  prefix: string;
  scopes: ColumnType<string[] | null, string[] | null | undefined, string[] | null>;
  created_at: Time;
  last_used_at: TimeOrNull;
  revoked_at: TimeOrNull;
}

export interface GuardTable {
  subject: string;
  failures: Generated<number>;
  window_from: Time;
  banned_until: TimeOrNull;
  bans: Generated<number>;
}

export interface ExternalIdTable {
  owner_id: string;
  scheme: string;
  value: string;
  entity_type: string;
  entity_id: string;
}

export interface AuditTable {
  id: Generated<number>;
  at: Time;
  owner_id: string | null;
  actor_type: string;
  actor_id: string;
  action: string;
  entity_type: string | null;
  entity_id: string | null;
  detail: ColumnType<JsonValue, string | undefined, string>;
}

export interface IdempotencyTable {
  owner_id: string;
  actor_id: string;
  key: string;
  request_hash: Buffer;
  mint_id: string;
  status: number | null;
  response_enc: Buffer | null;
  created_at: Time;
  claimed_at: Time;
}

export interface DirectoryUserTable {
  id: string;
  company_id: string;
  number: number;
  extension: string;
  given_name: Generated<string>;
  family_name: Generated<string>;
  email: string | null;
  language: string | null;
  outbound_number: string | null;
  call_waiting: Generated<boolean>;
  deleted_at: TimeOrNull;
  created_at: Time;
}

export interface SipLoginTable {
  id: string;
  company_id: string;
  user_id: string | null;
  username: string;
  realm: string;
  secret_enc: Buffer;
  ha1_md5_enc: Buffer;
  ha1_sha256_enc: Buffer;
  disabled_at: TimeOrNull;
  created_at: Time;
}

export interface DeviceTable {
  id: string;
  company_id: string;
  number: number;
  user_id: string | null;
  sip_login_id: string | null;
  type: Generated<string>;
  name: Generated<string>;
  mac: string | null;
  model: string | null;
  auto_answer: Generated<boolean>;
  created_at: Time;
}

export interface RegistrationTable {
  sip_login_id: string;
  contact: string;
  received: string;
  path: string | null;
  instance: string;
  user_agent: Generated<string>;
  call_id: string;
  cseq: number;
  expires_at: ColumnType<Date, Date | string, Date | string>;
  registered_at: Time;
}

export interface RingGroupTable {
  id: string;
  company_id: string;
  number: number;
  extension: string | null;
  name: string;
  strategy: string;
  member_ring_ms: Generated<number>;
  total_ring_ms: Generated<number>;
  created_at: Time;
}

export interface RingGroupMemberTable {
  group_id: string;
  user_id: string;
  position: number;
}

export interface CalendarTable {
  id: string;
  company_id: string;
  number: number;
  name: string;
  hours: Jsonb;
}

export interface PhoneNumberTable {
  id: string;
  owner_id: string;
  company_id: string | null;
  number: number;
  dialled: string;
  kind: string;
  public: Generated<boolean>;
  label: Generated<string>;
  created_at: Time;
}

export interface RoutingRuleTable {
  id: string;
  company_id: string;
  position: Generated<number>;
  phone_number_id: string | null;
  destination_type: string;
  destination_id: string;
  created_at: Time;
}

export interface PromptContentTable {
  hash: string;
  bytes: Buffer;
  duration_ms: number;
  created_at: Time;
}

export interface PromptTable {
  id: string;
  company_id: string;
  number: number;
  name: string;
  text: string | null;
  language: string | null;
  content_hash: string;
  updated_at: Time;
}

export interface FlowTable {
  id: string;
  company_id: string;
  number: number;
  name: string;
  title: Generated<string>;
  draft: Jsonb;
  draft_version: Generated<number>;
  published_hash: string | null;
  deleted_at: TimeOrNull;
  created_at: Time;
  updated_at: Time;
}

export interface RevisionTable {
  hash: string;
  company_id: string;
  flow_id: string;
  number: number;
  closure: Jsonb;
  layout: JsonbOrNull;
  comment: Generated<string>;
  published_by: string;
  published_at: Time;
}

export interface MediaInstanceTable {
  instance: string;
  name: string;
  epoch: number;
  state: Generated<string>;
  booted_at: Time;
  renewed_at: Time;
  lost_at: TimeOrNull;
  lost_reason: string | null;
  calls: Generated<number>;
  max_calls: Generated<number>;
}

export interface CallTable {
  id: string;
  number: number;
  company_id: string;
  external_id: string | null;
  direction: string;
  state: string;
  start: Jsonb;
  variables_enc: Buffer | null;
  created_at: Time;
  started_at: TimeOrNull;
  ended_at: TimeOrNull;
  disposition: string | null;
  revision_hash: string;
  calling: Jsonb;
  called: Jsonb;
  cdr: JsonbOrNull;
}

export interface CallRecordTable {
  call_id: string;
  n: number;
  company_id: string;
  at: ColumnType<Date, Date | string, Date | string>;
  stream: string;
  type: string;
  body: Jsonb;
  pii_enc: Buffer | null;
  tx: Generated<string>;
  seq: Generated<number>;
}

export interface LegTable {
  id: string;
  call_id: string;
  company_id: string;
  instance: string;
  direction: string;
  state: string;
  dialog_id: string | null;
  transaction_id: string | null;
  sip_call_id: string | null;
  channel_uuid: string | null;
  forks: ColumnType<JsonValue, string | undefined, string>;
  last_number: Generated<number>;
  coordinates: Jsonb;
  source: string | null;
  created_at: Time;
  answered_at: TimeOrNull;
  ended_at: TimeOrNull;
  cause: string | null;
}

export interface CallControlTable {
  id: string;
  call_id: string;
  company_id: string;
  by_type: string;
  by_id: string;
  action: Jsonb;
  created_at: Time;
  delivered_at: TimeOrNull;
}

export interface PoolOccupationTable {
  company_id: string;
  user_id: string;
  grants: ColumnType<JsonValue, string | undefined, string>;
  number: number;
  updated_at: Time;
}

/** Every table by name. */
export interface Database {
  owner: OwnerTable;
  number_block: NumberBlockTable;
  account: AccountTable;
  session: SessionTable;
  api_key: ApiKeyTable;
  guard: GuardTable;
  external_id: ExternalIdTable;
  audit: AuditTable;
  idempotency: IdempotencyTable;
  directory_user: DirectoryUserTable;
  sip_login: SipLoginTable;
  device: DeviceTable;
  registration: RegistrationTable;
  ring_group: RingGroupTable;
  ring_group_member: RingGroupMemberTable;
  calendar: CalendarTable;
  phone_number: PhoneNumberTable;
  routing_rule: RoutingRuleTable;
  prompt_content: PromptContentTable;
  prompt: PromptTable;
  flow: FlowTable;
  revision: RevisionTable;
  media_instance: MediaInstanceTable;
  call: CallTable;
  call_record: CallRecordTable;
  leg: LegTable;
  call_control: CallControlTable;
  pool_occupation: PoolOccupationTable;
}
