/** How users want to be reached, calls placed for a time, calls in park slots, the state of meeting rooms. */
export const sql = `
-- where calls of a user go that are not taken
create table forwarding (
  user_id uuid not null references directory_user(id) on delete cascade,
  company_id uuid not null references owner(id),
  condition text not null check (condition in ('always','busy','no-answer','unreachable')),
  enabled boolean not null default true,
  -- an entry of the registry of destinations, or 'hang-up'
  destination_type text not null,
  destination_id text not null,
  after_ms int check (after_ms between 1000 and 600000),
  -- whose number the new party sees
  shown text not null default 'caller' check (shown in ('caller','account')),
  primary key (user_id, condition),
  check ((condition = 'no-answer') = (after_ms is not null))
);

-- a user without a row: everything off
create table user_calling (
  user_id uuid primary key references directory_user(id) on delete cascade,
  company_id uuid not null references owner(id),
  reject_anonymous boolean not null default false,
  -- whoever calls is announced, the user accepts by a key
  screening boolean not null default false,
  -- heard by callers before the user is rung
  pre_answer_prompt_id uuid references prompt(id) on delete set null,
  -- calls come to this user first, but for his own and those of exempt numbers
  secretary_id uuid references directory_user(id) on delete set null,
  secretary_exempt text[] not null default '{}'
);

-- two parties to be joined, now or at a time
create table scheduled_call (
  id uuid primary key,
  company_id uuid not null references owner(id),
  external_id text,
  -- waiting: for its time; calling: an attempt is under way; done: both talked; failed: attempts used up
  state text not null default 'waiting' check (state in ('waiting','calling','done','failed','cancelled')),
  due_at timestamptz not null,
  -- attempts left and the pause between them
  tries_left int not null default 1 check (tries_left between 0 and 20),
  retry_after_ms int not null default 60000,
  -- what is called and how; sides, announcements, numbers shown, limits
  request jsonb not null,
  -- call of the last attempt, and how that ended
  call_id uuid,
  outcome text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index scheduled_call_due on scheduled_call (due_at) where state in ('waiting','calling');
create index scheduled_call_company on scheduled_call (company_id, created_at desc);
create unique index scheduled_call_external on scheduled_call (company_id, external_id) where external_id is not null;

-- who waits in which park slot; a row whose call has ended is nobody's
create table parked_call (
  slot_id uuid primary key references park_slot(id) on delete cascade,
  company_id uuid not null references owner(id),
  call_id uuid not null,
  parked_by uuid references directory_user(id) on delete set null,
  number text not null default '',
  name text not null default '',
  note text not null default '',
  parked_at timestamptz not null default now()
);

create table meeting_room_state (
  room_id uuid primary key references meeting_room(id) on delete cascade,
  company_id uuid not null references owner(id),
  locked boolean not null default false,
  updated_at timestamptz not null default now()
);
`;
