/** Rows of trunks and of the state in which telephony finds them. */
import type { Generated } from 'kysely';
import type { Time, TimeOrNull } from './columns.ts';

export interface TrunkTable {
  id: string;
  owner_id: string;
  number: number;
  name: string;
  kind: string;
  mode: string;
  enabled: Generated<boolean>;
  shared: Generated<boolean>;
  host: string;
  port: number | null;
  transport: Generated<string>;
  proxies: Generated<string[]>;
  auth_user: string | null;
  secret_enc: Buffer | null;
  realm: string | null;
  from_user: string | null;
  from_domain: string | null;
  register_seconds: Generated<number>;
  options_seconds: Generated<number>;
  contact_user: string;
  sources: Generated<string[]>;
  trusted: Generated<boolean>;
  codecs: Generated<string[]>;
  codecs_forced: Generated<boolean>;
  max_calls: number | null;
  calls_per_second: number | null;
  caller_id: Generated<string>;
  default_number: string | null;
  default_name: Generated<string>;
  identity: Generated<string>;
  number_form: Generated<string>;
  outbound_strip: Generated<number>;
  outbound_prefix: Generated<string>;
  called_from: Generated<string>;
  inbound_strip: Generated<number>;
  inbound_prefix: Generated<string>;
  tell_diversion: Generated<boolean>;
  version: Generated<number>;
  created_at: Time;
}

export interface TrunkStateTable {
  trunk_id: string;
  instance: string | null;
  held_until: TimeOrNull;
  state: Generated<string>;
  since: Time;
  sip_status: number | null;
  expires_at: TimeOrNull;
  addresses: Generated<string[]>;
  service_route: string | null;
  tokens: Generated<number>;
  tokens_at: Time;
}
