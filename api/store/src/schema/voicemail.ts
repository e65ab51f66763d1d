/** Rows of recordings, messages of voicemail boxes, mail servers and mail. */
import type { Generated } from 'kysely';
import type { Jsonb, Time, TimeOrNull } from './columns.ts';

export interface RecordingTable {
  id: string;
  company_id: string;
  op: string;
  call_id: string;
  leg_id: string;
  kind: string;
  state: Generated<string>;
  instance: string;
  purpose: Jsonb;
  bytes: number | null;
  sha256: Buffer | null;
  duration_ms: number | null;
  ended: string | null;
  started_at: Time;
  ended_at: TimeOrNull;
  heard_at: TimeOrNull;
}

export interface RecordingPolicyTable {
  id: string;
  company_id: string;
  number: number;
  name: string;
  position: Generated<number>;
  enabled: Generated<boolean>;
  record: Generated<boolean>;
  subject: string;
  subject_id: string | null;
  pattern: string | null;
  direction: Generated<string>;
  percent: Generated<number>;
  announce: Generated<string>;
  prompt_id: string | null;
  keys: Generated<boolean>;
  created_at: Time;
}

export interface VoicemailMessageTable {
  id: string;
  company_id: string;
  box_id: string;
  caller: Jsonb;
  duration_ms: number;
  state: Generated<string>;
  created_at: Time;
  heard_at: TimeOrNull;
}

export interface MailServerTable {
  owner_id: string;
  host: string;
  port: number;
  security: string;
  username: string | null;
  password_enc: Buffer | null;
  sender: string;
  updated_at: Time;
}

export interface MailTable {
  id: string;
  owner_id: string;
  key: string;
  template: string;
  language: string;
  recipient: string;
  variables: Jsonb;
  attachment: string | null;
  delete_message: Generated<boolean>;
  state: Generated<string>;
  attempts: Generated<number>;
  due_at: Time;
  failure: string | null;
  created_at: Time;
  sent_at: TimeOrNull;
}

export interface RecogniserTable {
  owner_id: string;
  provider: string;
  url: string;
  model: string;
  key_enc: Buffer | null;
  updated_at: Time;
}

export interface TranscriptTable {
  message_id: string;
  company_id: string;
  state: Generated<string>;
  attempts: Generated<number>;
  due_at: Time;
  text_enc: Buffer | null;
  language: string | null;
  failure: string | null;
  created_at: Time;
}

export interface CallTranscriptTable {
  recording_id: string;
  company_id: string;
  state: Generated<string>;
  attempts: Generated<number>;
  due_at: Time;
  text_enc: Buffer | null;
  language: string | null;
  failure: string | null;
  created_at: Time;
}

export interface FlowActTable {
  company_id: string;
  call_id: string;
  key: string;
  result: Jsonb;
  at: Time;
}
