/** Rows of presence: notes of changes, numbered events, states of users and boxes, subscriptions of phones. */
import type { ColumnType, Generated } from 'kysely';
import type { Jsonb, JsonbDefault, Time, TimeOrNull } from './columns.ts';

export interface DirectoryChangeTable {
  id: Generated<number>;
  owner_id: string;
  kind: string;
  user_id: string | null;
  body: JsonbDefault;
}

export interface DirectoryEventTable {
  owner_id: string;
  n: number;
  at: Time;
  type: string;
  body: Jsonb;
}

export interface UserPresenceTable {
  user_id: string;
  company_id: string;
  state: string;
  since: Time;
  dialogs: JsonbDefault;
  chat_status: string | null;
  chat_note: Generated<string>;
  version: Generated<number>;
}

export interface ChatPublicationTable {
  etag: string;
  company_id: string;
  user_id: string;
  sip_login_id: string | null;
  status: string;
  note: Generated<string>;
  expires_at: TimeOrNull;
  updated_at: Time;
}

export interface ReferralTable {
  id: string;
  company_id: string;
  user_id: string;
  number: string;
  state: Generated<string>;
  sip_status: number | null;
  created_at: Time;
  updated_at: Time;
}

export interface MailboxStateTable {
  box_id: string;
  company_id: string;
  new_messages: Generated<number>;
  old_messages: Generated<number>;
  version: Generated<number>;
}

export interface PeerMessageSummaryTable {
  user_id: string;
  trunk_id: string;
  company_id: string;
  waiting: boolean;
  new_messages: number;
  old_messages: number;
  new_urgent: number;
  old_urgent: number;
  sip_call_id: string;
  cseq: number;
  updated_at: Time;
}

export interface UserMessageStateTable {
  user_id: string;
  company_id: string;
  waiting: boolean;
  new_messages: number;
  old_messages: number;
  new_urgent: number;
  old_urgent: number;
  version: Generated<number>;
}

export interface PeerLampTable {
  id: Generated<number>;
  box_id: string;
  company_id: string;
  trunk_id: string;
  account: string;
  new_messages: number;
  old_messages: number;
  version: Generated<number>;
  told: Generated<number>;
  leaving: Generated<boolean>;
  attempts: Generated<number>;
  retry_at: TimeOrNull;
  sip_status: number | null;
}

export interface SipSubscriptionTable {
  dialog_id: string;
  company_id: string;
  sip_login_id: string | null;
  trunk_id: string | null;
  server: string;
  package: string;
  user_id: string | null;
  box_id: string | null;
  entity: string;
  event_id: string | null;
  expires_at: ColumnType<Date, Date | string, Date | string>;
  told: Generated<number>;
  notifies: Generated<number>;
  retry_at: TimeOrNull;
  created_at: Time;
}
