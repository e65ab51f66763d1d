/**
 * Partner contracts: modules of companies with their tokens; the commands they gave, so that a failure finds its way back; what is
 * kept of a running call for their events; and the events to be told, in order for each module.
 */
export const sql = `
create table partner_module (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  contract text not null,
  name text not null,
  enabled boolean not null default true,
  -- as the contract's schema says
  settings jsonb not null default '{}',
  -- SHA-256 of the token, and the token itself, sealed: it is shown again
  token_hash bytea not null,
  token_enc bytea not null,
  created_at timestamptz not null default now(),
  -- one worker at a time tells a module, for as long as it renews this
  claimed_by text,
  claimed_until timestamptz,
  unique (company_id, number),
  unique (token_hash)
);

-- up to where the facts of a company have been read, in the order of arrival
create table partner_cursor (
  company_id uuid primary key references owner(id),
  tx xid8 not null default pg_snapshot_xmin(pg_current_snapshot()),
  seq bigint not null default 0
);

-- from a call's first fact to its last
create table partner_call (
  contract text not null,
  call_id uuid not null,
  company_id uuid not null references owner(id),
  memory jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (contract, call_id)
);

create table partner_command (
  -- of the call it made, or of the command to a call
  id uuid primary key,
  company_id uuid not null references owner(id),
  module_id uuid not null references partner_module(id) on delete cascade,
  request_id text not null,
  extension text,
  created_at timestamptz not null default now()
);
create index partner_command_old on partner_command (created_at);

create table partner_notice (
  -- place in the order of its module
  number bigint generated always as identity primary key,
  module_id uuid not null references partner_module(id) on delete cascade,
  company_id uuid not null references owner(id),
  call_id uuid not null,
  -- of the fact that it tells
  fact int not null,
  place int not null,
  notice jsonb not null,
  -- sending: a request may be under way, or was when its sender died
  state text not null default 'waiting' check (state in ('waiting','sending','sent','failed')),
  attempts int not null default 0,
  due_at timestamptz not null default now(),
  http_status int,
  error text,
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  unique (module_id, call_id, fact, place)
);
create index partner_notice_open on partner_notice (module_id, number) where state in ('waiting','sending');
create index partner_notice_old on partner_notice (settled_at) where settled_at is not null;
`;
