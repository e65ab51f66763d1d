/**
 * Presence: what changes in the directory while it runs, who is reachable how, and who wants to be told.
 *
 * Triggers only note that something has changed, in the transaction that changed it; a process reads the notes and derives from them.
 * Whoever writes a leg, a registration or a user's mode need not know that somebody watches.
 */
export const sql = `
-- notes of changes, in the order of arrival, taken by whoever derives presence
create table directory_change (
  id bigint generated always as identity primary key,
  owner_id uuid not null,
  kind text not null check (kind in ('user','registered','unregistered','trunk')),
  user_id uuid,
  body jsonb not null default '{}'
);

-- what a company may learn of its directory at run time, numbered per owner without gaps
create table directory_event (
  owner_id uuid not null references owner(id),
  n bigint not null,
  at timestamptz not null default now(),
  type text not null,
  body jsonb not null,
  primary key (owner_id, n)
);

create table user_presence (
  user_id uuid primary key references directory_user(id) on delete cascade,
  company_id uuid not null references owner(id),
  state text not null
    check (state in ('unknown','unavailable','available','ringing','busy','dnd','reserved','absent','diverted')),
  since timestamptz not null default now(),
  -- his live legs: [{ id, direction, state }]
  dialogs jsonb not null default '[]',
  -- grows with every change, over restarts too
  version bigint not null default 1
);
create index user_presence_company on user_presence (company_id);

-- messages of a box, as its phones are told (RFC 3842)
create table mailbox_state (
  box_id uuid primary key references voicemail_box(id) on delete cascade,
  company_id uuid not null references owner(id),
  new_messages int not null default 0 check (new_messages >= 0),
  old_messages int not null default 0 check (old_messages >= 0),
  version bigint not null default 1
);

-- subscriptions of phones (RFC 6665), one a dialog
create table sip_subscription (
  dialog_id text primary key,
  company_id uuid not null references owner(id),
  sip_login_id uuid not null references sip_login(id) on delete cascade,
  -- name of the media instances whose SIP server has the dialog
  server text not null,
  package text not null check (package in ('message-summary','dialog','presence')),
  user_id uuid references directory_user(id) on delete cascade,
  box_id uuid references voicemail_box(id) on delete cascade,
  -- address asked for, as the documents name it
  entity text not null,
  -- parameter id of its Event header
  event_id text,
  expires_at timestamptz not null,
  -- version of the state that was told last; -1: none
  told bigint not null default -1,
  notifies int not null default 0,
  retry_at timestamptz,
  created_at timestamptz not null default now()
);
create index sip_subscription_server on sip_subscription (server, expires_at);
create index sip_subscription_login on sip_subscription (sip_login_id);

create index leg_user_live on leg ((coordinates->>'id')) where state not in ('ended','released');

create function note_leg() returns trigger language plpgsql as $$
begin
  insert into directory_change (owner_id, kind, user_id) values (new.company_id, 'user', (new.coordinates->>'id')::uuid);
  return null;
end $$;
create trigger leg_noted_new after insert on leg for each row
  when (new.coordinates->>'type' = 'user' and new.coordinates->>'id' ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$')
  execute function note_leg();
create trigger leg_noted after update of state on leg for each row
  when (old.state is distinct from new.state and new.coordinates->>'type' = 'user'
    and new.coordinates->>'id' ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$')
  execute function note_leg();

create function note_registration() returns trigger language plpgsql as $$
declare
  bound registration := case when tg_op = 'DELETE' then old else new end;
begin
  -- a log-in that is deleted takes its bindings along: then there is nobody to tell of
  insert into directory_change (owner_id, kind, user_id, body)
  select login.company_id, case when tg_op = 'DELETE' then 'unregistered' else 'registered' end, login.user_id,
    jsonb_build_object('loginId', login.id, 'userAgent', bound.user_agent, 'received', bound.received,
      'expired', tg_op = 'DELETE' and bound.expires_at <= now())
  from sip_login login where login.id = bound.sip_login_id;
  return null;
end $$;
create trigger registration_noted after insert or delete on registration for each row execute function note_registration();
create trigger registration_renewed after update on registration for each row
  when (old.expires_at <= now() and new.expires_at > now()) execute function note_registration();

create function note_user() returns trigger language plpgsql as $$
begin
  insert into directory_change (owner_id, kind, user_id) values (new.company_id, 'user', new.id);
  return null;
end $$;
create trigger directory_user_noted_new after insert on directory_user for each row execute function note_user();
create trigger directory_user_noted after update on directory_user for each row
  when ((old.user_mode, old.mode_until, old.suspended_at, old.deleted_at)
    is distinct from (new.user_mode, new.mode_until, new.suspended_at, new.deleted_at))
  execute function note_user();

create function note_login() returns trigger language plpgsql as $$
declare
  login sip_login := case when tg_op = 'DELETE' then old else new end;
begin
  insert into directory_change (owner_id, kind, user_id) values (login.company_id, 'user', login.user_id);
  return null;
end $$;
create trigger sip_login_gone after delete on sip_login for each row when (old.user_id is not null) execute function note_login();
create trigger sip_login_noted after update of disabled_at on sip_login for each row
  when (old.disabled_at is distinct from new.disabled_at and new.user_id is not null) execute function note_login();

create function note_occupation() returns trigger language plpgsql as $$
begin
  insert into directory_change (owner_id, kind, user_id) values (new.company_id, 'user', new.user_id);
  return null;
end $$;
create trigger pool_occupation_noted_new after insert on pool_occupation for each row execute function note_occupation();
create trigger pool_occupation_noted after update on pool_occupation for each row
  when (old.grants is distinct from new.grants) execute function note_occupation();

create function note_trunk() returns trigger language plpgsql as $$
begin
  insert into directory_change (owner_id, kind, body)
  select trunk.owner_id, 'trunk', jsonb_build_object('trunkId', trunk.id, 'name', trunk.name, 'state', new.state, 'before', old.state,
    'sipStatus', new.sip_status)
  from trunk where trunk.id = new.trunk_id;
  return null;
end $$;
create trigger trunk_state_noted after update of state on trunk_state for each row
  when (old.state is distinct from new.state) execute function note_trunk();

-- users who were there before
insert into directory_change (owner_id, kind, user_id) select company_id, 'user', id from directory_user where deleted_at is null;
`;
