/** Queues with their agents, what agents do, and the rest of ring groups. */
export const sql = `
create table queue (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  extension text,
  name text not null,
  strategy text not null default 'longest-idle',
  weight int not null default 0,
  ring_ms int not null default 20000,
  wrap_up_ms int not null default 0,
  rest_ms int not null default 5000,
  pause_after int not null default 0,
  step_ms int not null default 5000,
  tier_wait_ms int not null default 0,
  relax_ms int not null default 0,
  preferred_wait_ms int not null default 0,
  join_rule text not null default 'any' check (join_rule in ('any','logged-in','ready')),
  stay_rule text not null default 'any' check (stay_rule in ('any','logged-in','ready')),
  max_waiting int,
  max_wait_ms int,
  comfort text not null default 'music' check (comfort in ('music','ringback')),
  entry_prompt_id uuid references prompt(id) on delete set null,
  say_position boolean not null default false,
  say_wait boolean not null default false,
  periodic_prompt_id uuid references prompt(id) on delete set null,
  announce_every_ms int not null default 30000,
  exit_key text,
  callback_key text,
  service_level_ms int not null default 20000,
  created_at timestamptz not null default now(),
  unique (company_id, number),
  unique (company_id, name)
);
create table queue_member (
  queue_id uuid not null references queue(id) on delete cascade,
  user_id uuid not null references directory_user(id) on delete cascade,
  company_id uuid not null references owner(id),
  position int not null,
  tier int not null default 0,
  penalty int not null default 0,
  rank int not null default 0,
  weight int not null default 1,
  skills jsonb not null default '{}',
  primary key (queue_id, user_id)
);
create index queue_member_user on queue_member (user_id);

-- agents as the company's pool knows them, numbered with pool_occupation; the pool is rebuilt from them
create table queue_agent_state (
  company_id uuid not null,
  user_id uuid not null,
  state jsonb not null,
  number bigint not null,
  updated_at timestamptz not null default now(),
  primary key (company_id, user_id)
);
-- what agents do, kept before the pool is told
create table pool_command (
  id uuid primary key,
  company_id uuid not null,
  message jsonb not null,
  created_at timestamptz not null default now(),
  delivered_at timestamptz
);
create index pool_command_open on pool_command (created_at) where delivered_at is null;
create table pause_reason (
  company_id uuid not null references owner(id),
  position int not null,
  name text not null,
  primary key (company_id, name)
);

-- statistics read the facts of queues
create index call_record_queue on call_record (company_id, at) where stream = 'fact' and type like 'queue.%';

alter table ring_group
  -- progressive: time between one member and the next; null: as long as a member rings
  add column step_ms int,
  -- while the first member is occupied nobody is rung
  add column primary_busy boolean not null default false,
  -- outside its hours the group is not rung
  add column calendar_id uuid references calendar(id) on delete set null,
  -- where calls go that the group does not take
  add column fallback_type text,
  add column fallback_id text,
  add column wait_prompt_id uuid references prompt(id) on delete set null,
  add check ((fallback_type is null) = (fallback_id is null));
alter table ring_group_member
  add column weight int not null default 1;
`;
