/**
 * History: the account of every ended call in columns, one row a call and one a leg, written in the transaction that closes the call.
 * A leg of a user is that user's line of history, also when it only rang.
 */
export const sql = `
create table cdr (
  call_id uuid primary key references call(id) on delete cascade,
  company_id uuid not null references owner(id),
  -- of the call, unique on the platform
  number bigint not null,
  direction text not null,
  -- neither side is outside
  internal boolean not null,
  external_id text,
  started_at timestamptz not null,
  answered_at timestamptz,
  connected_at timestamptz,
  ended_at timestamptz not null,
  duration_ms bigint not null,
  ring_ms bigint not null,
  queue_ms bigint not null,
  ivr_ms bigint not null,
  talk_ms bigint not null,
  hold_ms bigint not null,
  -- from the answer of parties outside
  billable_ms bigint not null,
  disposition text not null,
  cause text not null,
  ended_by text not null,
  failing_side text,
  -- why a user was not rung
  refused text,
  calling_type text not null,
  calling_id text,
  calling_entity bigint,
  calling_number text not null,
  calling_name text not null,
  called_type text not null,
  called_id text,
  called_entity bigint,
  called_number text not null,
  called_name text not null,
  connected_type text,
  connected_id text,
  connected_entity bigint,
  connected_number text,
  connected_name text,
  -- contacts of the company's books as they were: { id, givenName, familyName, organisation }
  calling_contact jsonb,
  called_contact jsonb,
  connected_contact jsonb,
  -- calls that a leg came from, or went to
  from_call_id uuid,
  to_call_id uuid,
  trunk_in_id text,
  trunk_in_name text,
  trunk_out_id text,
  trunk_out_name text,
  -- of the last leg to the outside
  destination_country text,
  destination_class text,
  destination_label text,
  cost_micros bigint not null,
  -- null: the company
  charged_user_id text,
  codec text,
  recorded boolean not null,
  revision text not null,
  path jsonb not null
);
create index cdr_company on cdr (company_id, number desc);
create index cdr_started on cdr (company_id, started_at);
create index cdr_external on cdr (company_id, external_id) where external_id is not null;

create table cdr_leg (
  id bigint generated always as identity primary key,
  company_id uuid not null references owner(id),
  call_id uuid not null references cdr(call_id) on delete cascade,
  leg text not null,
  -- positive integer of the party, unique on the platform
  party bigint not null,
  user_id text,
  -- seen from the party
  way text not null check (way in ('in','out')),
  type text not null,
  entity_id text,
  entity bigint,
  number text not null,
  name text not null,
  remote_type text not null,
  remote_id text,
  remote_entity bigint,
  remote_number text not null,
  remote_name text not null,
  -- as the user saw it: private books too
  remote_contact jsonb,
  group_type text,
  group_id text,
  group_name text,
  started_at timestamptz not null,
  ringing_at timestamptz,
  answered_at timestamptz,
  ended_at timestamptz,
  duration_ms bigint not null,
  ring_ms bigint not null,
  talk_ms bigint not null,
  hold_ms bigint not null,
  billable_ms bigint not null,
  disposition text not null,
  missed boolean not null,
  cause text,
  sip_status int,
  ended_by text,
  codec text,
  trunk_id text,
  trunk_name text,
  destination_country text,
  destination_class text,
  cost_micros bigint not null,
  charged_user_id text,
  sip_call_id text,
  instance text not null,
  unique (call_id, leg)
);
create index cdr_leg_company on cdr_leg (company_id, id desc);
create index cdr_leg_user on cdr_leg (company_id, user_id, id desc) where user_id is not null;
create index cdr_leg_group on cdr_leg (company_id, group_id) where group_id is not null;
`;
