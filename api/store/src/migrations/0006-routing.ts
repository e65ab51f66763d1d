/** Routing rules, the destinations table, restrictions, spend and feature codes. */
export const sql = `
-- a rule with a number is that number's own destination; the others are the company's rules, asked before it
alter table routing_rule
  add column name text not null default '',
  add column enabled boolean not null default true,
  add column calendar_id uuid references calendar(id),
  -- states of the calendar in which the rule fits: open, closed, holiday
  add column openings text[] not null default '{open}',
  -- [{days, fromMinute, toMinute}] in the company's zone; none: always
  add column times jsonb not null default '[]',
  add column calling_role text not null default 'any' check (calling_role in ('any','user','trunk','guest','anonymous')),
  add column calling_pattern text,
  add column called_role text not null default 'any' check (called_role in ('any','extension','number','outside')),
  add column called_pattern text,
  add column from_trunks uuid[] not null default '{}',
  add column via_trunks uuid[] not null default '{}',
  add column strip int not null default 0 check (strip between 0 and 20),
  add column prefix text not null default '';
create index routing_rule_company on routing_rule (company_id, position) where phone_number_id is null;

create table routing_settings (
  company_id uuid primary key references owner(id),
  -- where calls from outside go that nothing else fits
  default_type text,
  default_id text,
  -- trunks for outside numbers, best first; none: every trunk the company may use
  trunks uuid[] not null default '{}',
  emergency_trunks uuid[] not null default '{}',
  -- calls from outside that withhold their number are refused
  reject_anonymous boolean not null default false,
  updated_at timestamptz not null default now()
);

-- the destinations table: what a prefix is and costs, for restrictions, tariffs and permissions
create table number_prefix (
  id uuid primary key,
  owner_id uuid not null references owner(id),
  -- E.164 with +, or the beginning of a short code
  prefix text not null,
  country text,
  -- null: as the country's numbering plan says
  kind text check (kind in ('fixed','mobile','toll-free','shared-cost','premium','special','emergency','unknown')),
  label text not null default '',
  -- millionths of the currency unit; null: no price here
  micros_per_minute bigint check (micros_per_minute >= 0),
  created_at timestamptz not null default now(),
  unique (owner_id, prefix)
);

-- the first rule of a level that fits decides; every level must let a call pass
create table call_restriction (
  id uuid primary key,
  owner_id uuid not null references owner(id),
  user_id uuid references directory_user(id) on delete cascade,
  position int not null default 0,
  name text not null default '',
  effect text not null check (effect in ('allow','deny')),
  kinds text[] not null default '{}',
  countries text[] not null default '{}',
  pattern text,
  created_at timestamptz not null default now()
);
create index call_restriction_owner on call_restriction (owner_id, position);

create table spend_cap (
  id uuid primary key,
  owner_id uuid not null references owner(id),
  user_id uuid references directory_user(id) on delete cascade,
  -- of a calendar month, in millionths of the currency unit
  micros_per_month bigint not null check (micros_per_month >= 0),
  created_at timestamptz not null default now(),
  unique nulls not distinct (owner_id, user_id)
);

-- what a company's users (null: the company itself) have spent in a month of the company's zone
create table spend_counter (
  company_id uuid not null references owner(id),
  user_id uuid,
  month text not null,
  micros bigint not null default 0,
  unique nulls not distinct (company_id, user_id, month)
);

create table feature_code (
  id uuid primary key,
  company_id uuid not null references owner(id),
  -- as dialled; digits after it are the action's argument where it takes one
  code text not null,
  -- name in the registry of feature actions
  action text not null,
  options jsonb not null default '{}',
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  unique (company_id, code)
);

create index call_live on call (company_id) where state in ('waiting', 'started');
create index call_placed_by on call (company_id, (calling->>'id'), created_at desc);
`;
