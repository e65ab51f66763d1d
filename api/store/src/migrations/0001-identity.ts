/** Owners, administrators, API keys, sessions, number blocks, external ids, audit (design §5). */
export const sql = `
create table owner (
  id uuid primary key,
  parent_id uuid references owner(id),
  kind text not null check (kind in ('platform','reseller','company')),
  -- ids from the root to this owner, itself included: subtree tests are "path @> array[x]"
  path uuid[] not null,
  name text not null,
  -- company: language, time zone (IANA), country (ISO 3166), currency (ISO 4217), host, retention days, limits
  settings jsonb not null default '{}',
  suspended_at timestamptz,
  created_at timestamptz not null default now()
);
create index owner_path on owner using gin (path);

-- positive integers unique per (owner, type), allotted by one update; owner null = platform-wide
create table number_block (
  owner_id uuid references owner(id),
  type text not null,
  next bigint not null default 1,
  unique nulls not distinct (owner_id, type)
);
create sequence call_number_seq;

create table account (
  id uuid primary key,
  number bigint not null unique,
  owner_id uuid not null references owner(id),
  email text not null,
  name text not null default '',
  role text not null check (role in ('platform','reseller','company','supervisor','agent','user')),
  password_hash text,
  disabled_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index account_email on account (lower(email));

create table session (
  id_hash bytea primary key,
  account_id uuid not null references account(id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

create table api_key (
  id uuid primary key,
  owner_id uuid not null references owner(id),
  account_id uuid references account(id),
  name text not null,
  -- SHA-256 of the 256-bit random key: a fast hash is enough for a secret of full entropy
  key_hash bytea not null unique,
  prefix text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- guessing: failures per subject (log-in name, source address, SIP log-in) with the ban they led to
create table guard (
  subject text primary key,
  failures int not null default 0,
  window_from timestamptz not null default now(),
  banned_until timestamptz
);

create table external_id (
  owner_id uuid not null references owner(id),
  scheme text not null,
  value text not null,
  entity_type text not null,
  entity_id uuid not null,
  primary key (owner_id, scheme, value, entity_type)
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  owner_id uuid,
  actor_type text not null,
  actor_id text not null,
  action text not null,
  entity_type text,
  entity_id text,
  detail jsonb not null default '{}'
);

create table idempotency (
  owner_id uuid not null,
  key text not null,
  route text not null,
  body_hash bytea not null,
  status int,
  response jsonb,
  created_at timestamptz not null default now(),
  primary key (owner_id, key, route)
);
`;
