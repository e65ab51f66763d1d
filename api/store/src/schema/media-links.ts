/** Rows of links between media instances. */
import type { Generated } from 'kysely';
import type { Time } from './columns.ts';

export interface MediaLinkTable {
  id: string;
  company_id: string;
  call_id: string;
  leg_a: string;
  instance_a: string;
  channel_a: string;
  state_a: Generated<string>;
  leg_b: string;
  instance_b: string;
  channel_b: string | null;
  state_b: Generated<string>;
  offer: string;
  answer: string | null;
  supervision: string | null;
  created_at: Time;
}
