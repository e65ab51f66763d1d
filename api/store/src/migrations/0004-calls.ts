/** Calls, legs, records, media instances, pool, control commands. */
export const sql = `
create table media_instance (
  -- <name>.<epoch>
  instance text primary key,
  name text not null,
  epoch bigint not null,
  state text not null default 'alive' check (state in ('alive','lost')),
  booted_at timestamptz not null default now(),
  renewed_at timestamptz not null default now(),
  lost_at timestamptz,
  lost_reason text,
  -- limits and load for whoever places a call
  calls int not null default 0,
  max_calls int not null default 0,
  unique (name, epoch)
);

create table call (
  id uuid primary key,
  number bigint not null unique,
  company_id uuid not null references owner(id),
  external_id text,
  direction text not null check (direction in ('inbound','outbound','internal')),
  -- waiting: a row, its workflow not known to run; refused: never ran; ended: the last record is stored
  state text not null check (state in ('waiting','started','refused','ended')),
  -- CallStart of the engine; starters repeat it under the same id
  start jsonb not null,
  -- variables given at birth, encrypted per company (a flow may mark them personal); start then holds none
  variables_enc bytea,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  disposition text,
  revision_hash text not null,
  calling jsonb not null,
  called jsonb not null,
  cdr jsonb
);
create index call_company on call (company_id, created_at desc);
-- calls whose workflow is gone are looked for among these
create index call_started on call (started_at) where state = 'started';
create index call_waiting on call (created_at) where state = 'waiting';
create index call_external on call (company_id, external_id) where external_id is not null;

-- facts and engine events, keyed (call, number), written once
create table call_record (
  call_id uuid not null,
  n int not null,
  company_id uuid not null,
  at timestamptz not null,
  stream text not null check (stream in ('fact','event')),
  type text not null,
  body jsonb not null,
  -- personal values of the body (digits …), encrypted per company
  pii_enc bytea,
  -- order of arrival, for live streams that resume: (tx, seq), read up to the oldest transaction still running,
  -- so that a row committed late is never skipped
  tx xid8 not null default pg_current_xact_id(),
  seq bigint generated always as identity,
  primary key (call_id, n)
);
create index call_record_arrival on call_record (company_id, tx, seq);

create table leg (
  id text primary key,
  call_id uuid not null,
  company_id uuid not null,
  instance text not null,
  direction text not null check (direction in ('inbound','outbound')),
  state text not null check (state in ('proceeding','early','answered','ended','released')),
  -- drachtio's names: a successor ends legs by them
  dialog_id text,
  transaction_id text,
  sip_call_id text,
  channel_uuid text,
  -- forks of an outbound leg: other pending INVITEs
  forks jsonb not null default '[]',
  last_number int not null default 0,
  coordinates jsonb not null,
  source text,
  created_at timestamptz not null default now(),
  answered_at timestamptz,
  ended_at timestamptz,
  cause text
);
create index leg_instance on leg (instance) where state not in ('ended','released');
create index leg_call on leg (call_id);
-- ended, but nobody has taken note yet
create index leg_unreleased on leg (ended_at) where state = 'ended';

create table call_control (
  id uuid primary key,
  call_id uuid not null,
  company_id uuid not null,
  by_type text not null,
  by_id text not null,
  action jsonb not null,
  created_at timestamptz not null default now(),
  delivered_at timestamptz
);
create index call_control_waiting on call_control (created_at) where delivered_at is null;

-- who is occupied by what, written by the pool workflow, numbered; the pool is rebuilt from it
create table pool_occupation (
  company_id uuid not null,
  user_id uuid not null,
  grants jsonb not null default '[]',
  number bigint not null,
  updated_at timestamptz not null default now(),
  primary key (company_id, user_id)
);
`;
