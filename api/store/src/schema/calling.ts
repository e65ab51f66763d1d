/** Rows of the calling features: how users are reached, scheduled calls, park slots in use, rooms. */
import type { Generated } from 'kysely';
import type { Jsonb, Time } from './columns.ts';

export interface ForwardingTable {
  user_id: string;
  company_id: string;
  condition: string;
  enabled: Generated<boolean>;
  destination_type: string;
  destination_id: string;
  after_ms: number | null;
  shown: Generated<string>;
}

export interface UserCallingTable {
  user_id: string;
  company_id: string;
  reject_anonymous: Generated<boolean>;
  screening: Generated<boolean>;
  pre_answer_prompt_id: string | null;
  secretary_id: string | null;
  secretary_exempt: Generated<string[]>;
  keys_denied: Generated<string[]>;
  screening_name: Generated<boolean>;
  follow_me: Generated<boolean>;
  follow_me_calendar_id: string | null;
}

export interface ScheduledCallTable {
  id: string;
  company_id: string;
  external_id: string | null;
  state: Generated<string>;
  due_at: Time;
  tries_left: Generated<number>;
  retry_after_ms: Generated<number>;
  request: Jsonb;
  call_id: string | null;
  outcome: string | null;
  when_free: string | null;
  expires_at: Date | null;
  created_at: Time;
  updated_at: Time;
}

export interface ParkedCallTable {
  slot_id: string;
  company_id: string;
  call_id: string;
  parked_by: string | null;
  number: Generated<string>;
  name: Generated<string>;
  note: Generated<string>;
  parked_at: Time;
}

export interface MeetingRoomStateTable {
  room_id: string;
  company_id: string;
  locked: Generated<boolean>;
  updated_at: Time;
}

export interface MeetingRoomMemberTable {
  room_id: string;
  call_id: string;
  company_id: string;
  instance: string;
  moderator: Generated<boolean>;
  waiting: Generated<boolean>;
  number: Generated<string>;
  name: Generated<string>;
  user_id: string | null;
  joined_at: Time;
}

export interface CallKeyTable {
  company_id: string;
  action: string;
  keys: string | null;
}

export interface FollowMeTable {
  user_id: string;
  company_id: string;
  position: number;
  target_user_id: string | null;
  number: string | null;
  delay_ms: Generated<number>;
  ring_ms: Generated<number>;
  confirm: Generated<boolean>;
}
