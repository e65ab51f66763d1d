/** Rows of the directory: users and their phones, groups, places, boxes, rooms, address books, calendars, lists. */
import type { ColumnType, Generated } from 'kysely';
import type { Jsonb, JsonbDefault, JsonbOrNull, Time, TimeOrNull } from './columns.ts';

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
  site_id: string | null;
  department_id: string | null;
  phrase: Generated<string>;
  user_mode: Generated<string>;
  mode_until: TimeOrNull;
  mode_note: Generated<string>;
  divert_number: string | null;
  phonebook_id: string | null;
  pin_hash: string | null;
  suspended_at: TimeOrNull;
  max_calls: number | null;
  visible: Generated<boolean>;
  record_calls: Generated<boolean>;
  pickup_right: Generated<boolean>;
  fax_right: Generated<boolean>;
  plan_only: Generated<boolean>;
  block_premium: Generated<boolean>;
  ringback_prompt_id: string | null;
  codec_mode: string | null;
  codecs: string[] | null;
  sip_login_id: string | null;
  missed_call_mail: Generated<boolean>;
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
  last_registered_at: TimeOrNull;
  last_user_agent: string | null;
  last_address: string | null;
  expires_at: TimeOrNull;
  only_dials: string | null;
  session_hash: Buffer | null;
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
  port: number | null;
  handset: string | null;
  dial_number: string | null;
  transport: string | null;
  position: Generated<number>;
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
  q: Generated<number>;
  instance_id: string | null;
  reg_id: number | null;
  natted: Generated<boolean>;
  asked_at: TimeOrNull;
  silent: Generated<number>;
  lamp_told: Generated<number>;
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
  visible: Generated<boolean>;
  broadcast: Generated<boolean>;
  pickup_disabled: Generated<boolean>;
  member_login: Generated<boolean>;
  step_ms: number | null;
  primary_busy: Generated<boolean>;
  follow_diversion: Generated<boolean>;
  calendar_id: string | null;
  fallback_type: string | null;
  fallback_id: string | null;
  wait_prompt_id: string | null;
  comfort: Generated<string>;
  name_prefix: Generated<string>;
  alert: string | null;
}

export interface RingGroupMemberTable {
  group_id: string;
  user_id: string | null;
  position: number;
  id: Generated<string>;
  number: string | null;
  e164: string | null;
  ring_ms: number | null;
  delay_ms: Generated<number>;
  confirm: Generated<boolean>;
  logged_in: Generated<boolean>;
  weight: Generated<number>;
}

export interface CalendarTable {
  id: string;
  company_id: string;
  number: number;
  name: string;
  hours: Jsonb;
  holidays: JsonbOrNull;
  created_at: Time;
}

export interface SiteTable {
  id: string;
  company_id: string;
  number: number;
  name: string;
  street: Generated<string>;
  postal_code: Generated<string>;
  city: Generated<string>;
  region: Generated<string>;
  country: string;
  location: Generated<string>;
  emergency_number: string | null;
  main: Generated<boolean>;
  created_at: Time;
}

export interface DepartmentTable {
  id: string;
  company_id: string;
  number: number;
  name: string;
  parent_id: string | null;
  created_at: Time;
}

export interface PhonebookTable {
  id: string;
  company_id: string;
  number: number;
  name: string;
  kind: string;
  department_id: string | null;
  user_id: string | null;
  editable: Generated<boolean>;
  created_at: Time;
}

export interface ContactTable {
  id: string;
  company_id: string;
  phonebook_id: string;
  number: number;
  given_name: Generated<string>;
  family_name: Generated<string>;
  organisation: Generated<string>;
  email: string | null;
  address: Generated<string>;
  notes: Generated<string>;
  favourite: Generated<boolean>;
  data: JsonbDefault;
  created_at: Time;
  updated_at: Time;
}

export interface ContactNumberTable {
  contact_id: string;
  company_id: string;
  position: number;
  kind: string;
  number: string;
  e164: string | null;
}

export interface UserNumberTable {
  user_id: string;
  company_id: string;
  kind: string;
  number: string;
  e164: string | null;
}

export interface VoicemailBoxTable {
  id: string;
  company_id: string;
  number: number;
  user_id: string | null;
  name: string;
  access_number: string | null;
  pin_hash: string | null;
  language: string | null;
  email: string | null;
  email_attach: Generated<boolean>;
  email_delete: Generated<boolean>;
  transcribe: Generated<boolean>;
  mwi: Generated<boolean>;
  edit_greeting: Generated<boolean>;
  retention_days: number | null;
  max_messages: Generated<number>;
  max_message_ms: Generated<number>;
  own_phone_pin: Generated<boolean>;
  list_recordings: Generated<boolean>;
  notify_trunk_id: string | null;
  notify_account: string | null;
  deleted_at: TimeOrNull;
  created_at: Time;
}

export interface VoicemailGreetingTable {
  box_id: string;
  company_id: string;
  state: string;
  prompt_id: string;
}

export interface MeetingRoomTable {
  id: string;
  company_id: string;
  number: number;
  name: string;
  extension: string;
  pin_hash: string | null;
  moderator_pin_hash: string | null;
  max_members: Generated<number>;
  wait_for_moderator: Generated<boolean>;
  end_with_moderator: Generated<boolean>;
  announce: Generated<boolean>;
  record: Generated<boolean>;
  created_at: Time;
}

export interface ParkSlotTable {
  id: string;
  company_id: string;
  number: number;
  name: Generated<string>;
  extension: string;
  return_ms: Generated<number>;
  created_at: Time;
}

export interface CallerListTable {
  id: string;
  owner_id: string;
  user_id: string | null;
  number: number;
  name: string;
  kind: string;
  created_at: Time;
}

export interface CallerListEntryTable {
  list_id: string;
  pattern: string;
  note: Generated<string>;
  expires_at: TimeOrNull;
  created_at: Time;
}

/** Migration 0043. */
export interface LdapConnectionTable {
  id: string;
  company_id: string;
  user_id: string | null;
  hostname: string;
  port: number | null;
  security: Generated<string>;
  username: Generated<string>;
  domain: Generated<string>;
  password_enc: Buffer | null;
  updated_at: Time;
}
