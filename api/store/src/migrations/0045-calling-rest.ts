/** Who is in which meeting room, keys of conversations, follow-me, names of callers, callbacks of queues, calls placed when somebody is free. */
export const sql = `
-- who is in a meeting room or waits before it; a row whose call has ended is nobody's
create table meeting_room_member (
  room_id uuid not null references meeting_room(id) on delete cascade,
  call_id uuid not null,
  company_id uuid not null references owner(id),
  -- a room is on one media instance at a time
  instance text not null,
  moderator boolean not null default false,
  -- for a moderator
  waiting boolean not null default false,
  number text not null default '',
  name text not null default '',
  user_id uuid references directory_user(id) on delete set null,
  joined_at timestamptz not null default now(),
  primary key (room_id, call_id)
);
create index meeting_room_member_company on meeting_room_member (company_id);

-- keys that users may press while they talk; an action without a row has its default keys, keys null = nobody has it
create table call_key (
  company_id uuid not null references owner(id) on delete cascade,
  action text not null,
  keys text check (keys ~ '^[0-9*#]{1,8}$'),
  primary key (company_id, action)
);

alter table user_calling
  -- actions of keys that this user may not use
  add column keys_denied text[] not null default '{}',
  -- with screening: callers are asked for their name, which the user hears
  add column screening_name boolean not null default false,
  add column follow_me boolean not null default false,
  -- outside its hours only the user's own phones ring
  add column follow_me_calendar_id uuid references calendar(id) on delete set null;

-- where calls of a user ring beside his own phones, each after a delay
create table follow_me (
  user_id uuid not null references directory_user(id) on delete cascade,
  company_id uuid not null references owner(id),
  position int not null,
  -- a colleague or a number
  target_user_id uuid references directory_user(id) on delete cascade,
  number text,
  delay_ms int not null default 0 check (delay_ms between 0 and 600000),
  ring_ms int not null default 20000 check (ring_ms between 1000 and 600000),
  -- whoever answers accepts by a key
  confirm boolean not null default true,
  primary key (user_id, position),
  check ((target_user_id is null) <> (number is null))
);

alter table queue
  add column callback_tries int not null default 1 check (callback_tries between 1 and 20),
  add column callback_retry_ms int not null default 300000 check (callback_retry_ms between 1000 and 86400000),
  -- the agent accepts by a key before the caller is dialled
  add column callback_confirm boolean not null default false;

alter table ring_group
  -- members are rung where their own diversion leads
  add column follow_diversion boolean not null default false;

alter table scheduled_call
  -- placed as soon as this user is free, at the earliest when it is due
  add column when_free uuid references directory_user(id) on delete cascade,
  add column expires_at timestamptz;
create unique index scheduled_call_when_free on scheduled_call (company_id, (request->'first'->'to'->>'id'), when_free)
  where when_free is not null and state in ('waiting','calling');
`;
