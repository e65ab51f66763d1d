/** Row types of routing, destinations table, restrictions, spend and feature codes (migration 0006). */
import type { Generated } from 'kysely';
import type { JsonbDefault, Time } from './columns.ts';

export interface RoutingRuleTable {
  id: string;
  company_id: string;
  position: Generated<number>;
  phone_number_id: string | null;
  destination_type: string;
  destination_id: string;
  created_at: Time;
  name: Generated<string>;
  enabled: Generated<boolean>;
  calendar_id: string | null;
  openings: Generated<string[]>;
  times: JsonbDefault;
  calling_role: Generated<string>;
  calling_pattern: string | null;
  called_role: Generated<string>;
  called_pattern: string | null;
  from_trunks: Generated<string[]>;
  via_trunks: Generated<string[]>;
  strip: Generated<number>;
  prefix: Generated<string>;
}

export interface RoutingSettingsTable {
  company_id: string;
  default_type: string | null;
  default_id: string | null;
  trunks: Generated<string[]>;
  emergency_trunks: Generated<string[]>;
  reject_anonymous: Generated<boolean>;
  updated_at: Time;
}

export interface NumberPrefixTable {
  id: string;
  owner_id: string;
  prefix: string;
  country: string | null;
  kind: string | null;
  label: Generated<string>;
  micros_per_minute: number | null;
  created_at: Time;
}

export interface CallRestrictionTable {
  id: string;
  owner_id: string;
  user_id: string | null;
  position: Generated<number>;
  name: Generated<string>;
  effect: string;
  kinds: Generated<string[]>;
  countries: Generated<string[]>;
  pattern: string | null;
  created_at: Time;
}

export interface SpendCapTable {
  id: string;
  owner_id: string;
  user_id: string | null;
  micros_per_month: number;
  created_at: Time;
}

export interface SpendCounterTable {
  company_id: string;
  user_id: string | null;
  month: string;
  micros: Generated<number>;
}

export interface FeatureCodeTable {
  id: string;
  company_id: string;
  code: string;
  action: string;
  options: JsonbDefault;
  enabled: Generated<boolean>;
  created_at: Time;
}
