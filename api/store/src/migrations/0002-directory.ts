/** Users, SIP log-ins, devices, groups, calendars, numbers and the routing table. */
export const sql = `
create table directory_user (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  extension text not null,
  given_name text not null default '',
  family_name text not null default '',
  email text,
  language text,
  -- number shown to the outside
  outbound_number text,
  call_waiting boolean not null default false,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  unique (company_id, number)
);
create unique index directory_user_extension on directory_user (company_id, extension) where deleted_at is null;

-- a SIP log-in is a name of its own, unique on the platform, never the extension
create table sip_login (
  id uuid primary key,
  company_id uuid not null references owner(id),
  user_id uuid references directory_user(id),
  username text not null unique,
  realm text not null,
  -- encrypted (must be shown again); HA1 digests are derived from it and encrypted too
  secret_enc bytea not null,
  ha1_md5_enc bytea not null,
  ha1_sha256_enc bytea not null,
  disabled_at timestamptz,
  created_at timestamptz not null default now()
);

create table device (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  user_id uuid references directory_user(id),
  sip_login_id uuid references sip_login(id),
  type text not null default 'sip',
  name text not null default '',
  mac text,
  model text,
  auto_answer boolean not null default false,
  created_at timestamptz not null default now(),
  unique (company_id, number)
);

-- registrar bindings: one row per contact
create table registration (
  sip_login_id uuid not null references sip_login(id) on delete cascade,
  contact text not null,
  -- where the request came from: protocol, address, port (symmetric routing through NAT)
  received text not null,
  path text,
  instance text not null,
  user_agent text not null default '',
  call_id text not null,
  cseq bigint not null,
  expires_at timestamptz not null,
  registered_at timestamptz not null default now(),
  primary key (sip_login_id, contact)
);
create index registration_expires on registration (expires_at);

create table ring_group (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  extension text,
  name text not null,
  strategy text not null,
  member_ring_ms int not null default 20000,
  total_ring_ms int not null default 60000,
  created_at timestamptz not null default now(),
  unique (company_id, number),
  unique (company_id, name)
);
create table ring_group_member (
  group_id uuid not null references ring_group(id) on delete cascade,
  user_id uuid not null references directory_user(id),
  position int not null,
  primary key (group_id, user_id)
);

create table calendar (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  name text not null,
  -- Calendar of the engine's protocol
  hours jsonb not null,
  unique (company_id, number),
  unique (company_id, name)
);

-- numbers that lead to us: E.164 DIDs, internal service numbers, extensions are looked up in directory_user / ring_group
create table phone_number (
  id uuid primary key,
  owner_id uuid not null references owner(id),
  company_id uuid references owner(id),
  number bigint not null,
  -- as dialled; E.164 with + for DIDs
  dialled text not null,
  kind text not null check (kind in ('did','service')),
  -- callers without a log-in may reach it
  public boolean not null default false,
  label text not null default '',
  created_at timestamptz not null default now()
);
create unique index phone_number_did on phone_number (dialled) where kind = 'did';
create unique index phone_number_service on phone_number (company_id, dialled) where kind = 'service';

-- first match by position; "number → destination" is its first kind of row
create table routing_rule (
  id uuid primary key,
  company_id uuid not null references owner(id),
  position int not null default 0,
  phone_number_id uuid references phone_number(id) on delete cascade,
  destination_type text not null,
  destination_id text not null,
  created_at timestamptz not null default now()
);
create index routing_rule_number on routing_rule (phone_number_id, position);
`;
