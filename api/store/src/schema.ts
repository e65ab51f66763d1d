/**
 * Row types of every table, one interface a table, kept beside the migrations by hand (large areas in
 * `schema/<area>.ts`); `schema.it.test.ts` compares both ways.
 */

import type { JsonValue } from '@callwright/engine';
import type { ColumnType, Generated } from 'kysely';
import type * as calling from './schema/calling.ts';
import type { Jsonb, JsonbDefault, JsonbOrNull, Time, TimeOrNull } from './schema/columns.ts';
import type * as directory from './schema/directory.ts';
import type { FlowTestTable } from './schema/flow-tests.ts';
import type * as history from './schema/history.ts';
import type { MediaLinkTable } from './schema/media-links.ts';
import type * as partners from './schema/partners.ts';
import type { PoolRequestTable } from './schema/pool-requests.ts';
import type * as presence from './schema/presence.ts';
import type * as queues from './schema/queues.ts';
import type * as routing from './schema/routing.ts';
import type { TextMessageTable } from './schema/text-messages.ts';
import type { TrunkStateTable, TrunkTable } from './schema/trunks.ts';
import type * as voicemail from './schema/voicemail.ts';
import type * as webhooks from './schema/webhooks.ts';

export type * from './schema/calling.ts';
export type * from './schema/directory.ts';
export type * from './schema/history.ts';
export type * from './schema/partners.ts';
export type * from './schema/presence.ts';
export type * from './schema/queues.ts';
export type * from './schema/routing.ts';
export type * from './schema/text-messages.ts';
export type * from './schema/trunks.ts';
export type * from './schema/webhooks.ts';

export interface OwnerTable {
  id: string;
  number: Generated<number>;
  parent_id: string | null;
  kind: string;
  path: string[];
  name: string;
  settings: JsonbDefault;
  suspended_at: TimeOrNull;
  deleted_at: TimeOrNull;
  created_at: Time;
  entitlements: JsonbDefault;
  profile: JsonbDefault;
}

export interface OwnerThemeTable {
  owner_id: string;
  theme: Jsonb;
  updated_at: Time;
}

export interface OwnerHostTable {
  host: string;
  owner_id: string;
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
  user_id: string | null;
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
  /** Null: never published, made to try a draft. */
  number: number | null;
  closure: Jsonb;
  layout: JsonbOrNull;
  comment: Generated<string>;
  published_by: string;
  published_at: Time;
}

export interface DraftCallTable {
  id: string;
  company_id: string;
  flow_id: string;
  revision_hash: string;
  code: string;
  created_by: string;
  created_at: Time;
  expires_at: ColumnType<Date, Date | string, Date | string>;
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
  /** Null: it waits for a record before it. */
  tx: Generated<string | null>;
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
  charged: ColumnType<JsonValue | null, string | null | undefined, string | null>;
  source: string | null;
  created_at: Time;
  answered_at: TimeOrNull;
  ended_at: TimeOrNull;
  cause: string | null;
  trunk_id: string | null;
}

/** An erasure under way or done. */
export interface ErasureTable {
  id: string;
  company_id: string;
  subject_enc: Buffer | null;
  dry: boolean;
  state: Generated<string>;
  step: Generated<string>;
  cursor: Generated<string>;
  tables: Jsonb;
  recordings: Generated<number>;
  live_calls: Generated<number>;
  due_at: Time;
  created_at: Time;
  ended_at: TimeOrNull;
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
  owner_theme: OwnerThemeTable;
  owner_host: OwnerHostTable;
  number_block: NumberBlockTable;
  account: AccountTable;
  session: SessionTable;
  api_key: ApiKeyTable;
  guard: GuardTable;
  external_id: ExternalIdTable;
  audit: AuditTable;
  idempotency: IdempotencyTable;
  directory_user: directory.DirectoryUserTable;
  sip_login: directory.SipLoginTable;
  device: directory.DeviceTable;
  registration: directory.RegistrationTable;
  ring_group: directory.RingGroupTable;
  ring_group_member: directory.RingGroupMemberTable;
  calendar: directory.CalendarTable;
  site: directory.SiteTable;
  department: directory.DepartmentTable;
  phonebook: directory.PhonebookTable;
  contact: directory.ContactTable;
  contact_number: directory.ContactNumberTable;
  user_number: directory.UserNumberTable;
  voicemail_box: directory.VoicemailBoxTable;
  recording_policy: voicemail.RecordingPolicyTable;
  voicemail_greeting: directory.VoicemailGreetingTable;
  media_link: MediaLinkTable;
  recording: voicemail.RecordingTable;
  voicemail_message: voicemail.VoicemailMessageTable;
  mail_server: voicemail.MailServerTable;
  mail: voicemail.MailTable;
  recogniser: voicemail.RecogniserTable;
  transcript: voicemail.TranscriptTable;
  call_transcript: voicemail.CallTranscriptTable;
  flow_act: voicemail.FlowActTable;
  meeting_room: directory.MeetingRoomTable;
  park_slot: directory.ParkSlotTable;
  ldap_connection: directory.LdapConnectionTable;
  caller_list: directory.CallerListTable;
  caller_list_entry: directory.CallerListEntryTable;
  forwarding: calling.ForwardingTable;
  user_calling: calling.UserCallingTable;
  scheduled_call: calling.ScheduledCallTable;
  parked_call: calling.ParkedCallTable;
  meeting_room_state: calling.MeetingRoomStateTable;
  meeting_room_member: calling.MeetingRoomMemberTable;
  call_key: calling.CallKeyTable;
  follow_me: calling.FollowMeTable;
  phone_number: PhoneNumberTable;
  routing_rule: routing.RoutingRuleTable;
  routing_settings: routing.RoutingSettingsTable;
  number_prefix: routing.NumberPrefixTable;
  call_restriction: routing.CallRestrictionTable;
  spend_cap: routing.SpendCapTable;
  spend_counter: routing.SpendCounterTable;
  feature_code: routing.FeatureCodeTable;
  prompt_content: PromptContentTable;
  prompt: PromptTable;
  flow: FlowTable;
  revision: RevisionTable;
  draft_call: DraftCallTable;
  flow_test: FlowTestTable;
  media_instance: MediaInstanceTable;
  call: CallTable;
  call_record: CallRecordTable;
  leg: LegTable;
  call_control: CallControlTable;
  cdr: history.CdrTable;
  cdr_leg: history.CdrLegTable;
  webhook: webhooks.WebhookTable;
  webhook_secret: webhooks.WebhookSecretTable;
  webhook_delivery: webhooks.WebhookDeliveryTable;
  webhook_attempt: webhooks.WebhookAttemptTable;
  pool_occupation: PoolOccupationTable;
  pool_request: PoolRequestTable;
  queue: queues.QueueTable;
  queue_member: queues.QueueMemberTable;
  queue_agent_state: queues.QueueAgentStateTable;
  pool_command: queues.PoolCommandTable;
  pause_reason: queues.PauseReasonTable;
  queue_caller: queues.QueueCallerTable;
  erasure: ErasureTable;
  queue_agent_time: queues.QueueAgentTimeTable;
  partner_module: partners.PartnerModuleTable;
  partner_cursor: partners.PartnerCursorTable;
  partner_call: partners.PartnerCallTable;
  partner_command: partners.PartnerCommandTable;
  partner_notice: partners.PartnerNoticeTable;
  trunk: TrunkTable;
  trunk_state: TrunkStateTable;
  directory_change: presence.DirectoryChangeTable;
  directory_event: presence.DirectoryEventTable;
  user_presence: presence.UserPresenceTable;
  chat_publication: presence.ChatPublicationTable;
  referral: presence.ReferralTable;
  mailbox_state: presence.MailboxStateTable;
  peer_message_summary: presence.PeerMessageSummaryTable;
  user_message_state: presence.UserMessageStateTable;
  peer_lamp: presence.PeerLampTable;
  sip_subscription: presence.SipSubscriptionTable;
  text_message: TextMessageTable;
}
