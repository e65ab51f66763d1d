/** Tables of queues and their agents. */
import type { AgentMessage, AgentState } from '@callwright/engine';
import type { ColumnType, Generated } from 'kysely';
import type { JsonbDefault, Time, TimeOrNull } from './columns.ts';

export interface QueueTable {
  id: string;
  company_id: string;
  number: number;
  extension: string | null;
  name: string;
  strategy: Generated<string>;
  weight: Generated<number>;
  ring_ms: Generated<number>;
  wrap_up_ms: Generated<number>;
  rest_ms: Generated<number>;
  pause_after: Generated<number>;
  step_ms: Generated<number>;
  tier_wait_ms: Generated<number>;
  relax_ms: Generated<number>;
  preferred_wait_ms: Generated<number>;
  join_rule: Generated<string>;
  stay_rule: Generated<string>;
  max_waiting: number | null;
  max_wait_ms: number | null;
  comfort: Generated<string>;
  entry_prompt_id: string | null;
  say_position: Generated<boolean>;
  say_wait: Generated<boolean>;
  periodic_prompt_id: string | null;
  announce_every_ms: Generated<number>;
  exit_key: string | null;
  callback_key: string | null;
  callback_tries: Generated<number>;
  callback_retry_ms: Generated<number>;
  callback_confirm: Generated<boolean>;
  service_level_ms: Generated<number>;
  one_at_a_time: Generated<boolean>;
  skip_empty_tiers: Generated<boolean>;
  stay_ms: Generated<number>;
  quiet_first: Generated<boolean>;
  agent_prompt_id: string | null;
  say_waited: Generated<boolean>;
  agent_confirm: Generated<boolean>;
  sticky_days: Generated<number>;
  resume_ms: Generated<number>;
  name_prefix: Generated<string>;
  alert: string | null;
  created_at: Time;
}

export interface QueueMemberTable {
  queue_id: string;
  user_id: string;
  company_id: string;
  position: number;
  tier: Generated<number>;
  penalty: Generated<number>;
  rank: Generated<number>;
  weight: Generated<number>;
  skills: JsonbDefault;
}

export interface QueueAgentStateTable {
  company_id: string;
  user_id: string;
  state: ColumnType<AgentState, string, string>;
  number: ColumnType<string, number, number>;
  updated_at: Generated<Date>;
}

export interface PoolCommandTable {
  id: string;
  company_id: string;
  message: ColumnType<AgentMessage, string, never>;
  created_at: Time;
  delivered_at: TimeOrNull;
}

export interface PauseReasonTable {
  company_id: string;
  position: number;
  name: string;
}

export interface QueueCallerTable {
  queue_id: string;
  caller_number: string;
  company_id: string;
  user_id: string | null;
  entered_at: TimeOrNull;
  abandoned_at: TimeOrNull;
  updated_at: Time;
}

export interface QueueAgentTimeTable {
  id: Generated<string>;
  company_id: string;
  user_id: string;
  queue_id: string | null;
  reason: Generated<string>;
  began_at: Date;
  ended_at: TimeOrNull;
}
