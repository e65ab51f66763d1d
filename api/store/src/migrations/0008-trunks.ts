/** Trunks: ways to the outside, whoever of the tree owns them, and the state in which telephony finds them. */
export const sql = `
create table trunk (
  id uuid primary key,
  owner_id uuid not null references owner(id),
  number bigint not null,
  name text not null,
  kind text not null check (kind in ('carrier','isdn','gsm','analogue')),
  -- register: we register there; peer: both sides know each other by address
  mode text not null check (mode in ('register','peer')),
  enabled boolean not null default true,
  -- companies below the owner may dial through it
  shared boolean not null default false,
  host text not null,
  port int check (port between 1 and 65535),
  transport text not null default 'udp' check (transport in ('udp','tcp','tls')),
  -- host:port of outbound proxies, tried in order in place of host and port
  proxies text[] not null default '{}',
  auth_user text,
  -- sealed for the owner
  secret_enc bytea,
  -- the only realm whose challenges are answered; null: any
  realm text,
  from_user text,
  from_domain text,
  register_seconds int not null default 3600 check (register_seconds between 60 and 86400),
  -- 0: never asked
  options_seconds int not null default 30 check (options_seconds between 0 and 3600),
  -- user part of our Contact: unguessable, so that requests to it are this trunk's
  contact_user text not null unique,
  -- addresses or CIDR blocks that its requests come from, beside those its host has
  sources text[] not null default '{}',
  -- its P-Asserted-Identity is believed, and ours is sent to it (RFC 3325)
  trusted boolean not null default false,
  codecs text[] not null default '{}',
  -- forced: only these are offered; else these first
  codecs_forced boolean not null default false,
  max_calls int check (max_calls >= 0),
  calls_per_second real check (calls_per_second > 0),
  caller_id text not null default 'given' check (caller_id in ('given','own','trunk','anonymous')),
  -- shown where the caller has no number of its own for the outside
  default_number text,
  default_name text not null default '',
  identity text not null default 'asserted' check (identity in ('asserted','preferred','none')),
  number_form text not null default 'e164' check (number_form in ('e164','digits','international','national','dialled')),
  outbound_strip int not null default 0 check (outbound_strip between 0 and 20),
  outbound_prefix text not null default '',
  -- where an incoming call's number stands
  called_from text not null default 'request' check (called_from in ('request','to')),
  inbound_strip int not null default 0 check (inbound_strip between 0 and 20),
  inbound_prefix text not null default '',
  -- who forwarded a call is told to it
  tell_diversion boolean not null default true,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  unique (owner_id, number),
  unique (owner_id, name)
);

-- one row a trunk, made with it; held by one media instance at a time
create table trunk_state (
  trunk_id uuid primary key references trunk(id) on delete cascade,
  instance text,
  held_until timestamptz,
  state text not null default 'unknown'
    check (state in ('unknown','registering','registered','refused','reachable','unreachable','disabled')),
  since timestamptz not null default now(),
  -- final status that put it into this state; null: nobody answered, or there was nothing to answer
  sip_status int,
  expires_at timestamptz,
  -- where its host was last found: its requests come from there too
  addresses text[] not null default '{}',
  -- bucket of calls per second
  tokens real not null default 1,
  tokens_at timestamptz not null default now()
);

-- the trunk whose line a leg takes
alter table leg add column trunk_id uuid;
create index leg_trunk on leg (trunk_id) where trunk_id is not null and state not in ('ended','released');
`;
