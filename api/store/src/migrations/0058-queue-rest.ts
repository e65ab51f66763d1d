/**
 * The rest of queues and ring groups: what agents hear, who is preferred, how phones ring; the times that agents were logged in or paused.
 * Triggers write what a queue remembers of its callers, and the times, in the transaction that stores the fact or the agent.
 */
export const sql = `
alter table queue
  -- only the first in line is offered
  add column one_at_a_time boolean not null default false,
  -- a tier is not waited for while nobody of a lower one is there
  add column skip_empty_tiers boolean not null default false,
  -- patience with a staff below stay_rule
  add column stay_ms int not null default 0,
  -- the first in line hears no announcements
  add column quiet_first boolean not null default false,
  add column agent_prompt_id uuid references prompt(id) on delete set null,
  add column say_waited boolean not null default false,
  add column agent_confirm boolean not null default false,
  -- whoever served a caller within so many days is preferred for him; 0: nobody
  add column sticky_days int not null default 0,
  -- a caller who hung up and comes again within this time has his place again; 0: he has not
  add column resume_ms int not null default 0,
  add column name_prefix text not null default '',
  add column alert text;
alter table ring_group
  add column comfort text not null default 'ringback' check (comfort in ('ringback', 'music')),
  add column name_prefix text not null default '',
  add column alert text;

-- what a queue remembers of a caller, where its settings need it
create table queue_caller (
  queue_id uuid not null references queue(id) on delete cascade,
  caller_number text not null,
  company_id uuid not null references owner(id),
  -- agent who served him last
  user_id uuid references directory_user(id) on delete cascade,
  -- when he came and when he hung up, unserved
  entered_at timestamptz,
  abandoned_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (queue_id, caller_number)
);
create index queue_caller_company on queue_caller (company_id, updated_at);
create index queue_caller_user on queue_caller (user_id);

create function note_queue_caller() returns trigger language plpgsql as $$
declare
  of_queue record;
  caller text;
begin
  select q.id, q.sticky_days, q.resume_ms into of_queue from queue q
  where q.id::text = new.body->>'queueId' and q.company_id = new.company_id and (q.sticky_days > 0 or q.resume_ms > 0);
  if not found then
    return null;
  end if;
  select c.calling->>'number' into caller from call c where c.id = new.call_id and c.company_id = new.company_id;
  if coalesce(caller, '') = '' then
    return null;
  end if;
  if new.type = 'queue.answered' then
    insert into queue_caller (queue_id, caller_number, company_id, user_id)
    select of_queue.id, caller, new.company_id, u.id from directory_user u
    where u.id::text = new.body->>'userId' and u.company_id = new.company_id
    on conflict (queue_id, caller_number) do update
      set user_id = excluded.user_id, entered_at = null, abandoned_at = null, updated_at = now();
  elsif new.body->>'why' = 'abandoned' and of_queue.resume_ms > 0 then
    insert into queue_caller (queue_id, caller_number, company_id, entered_at, abandoned_at)
    values (of_queue.id, caller, new.company_id, new.at - (new.body->>'waitedMs')::bigint * interval '1 millisecond', new.at)
    on conflict (queue_id, caller_number) do update
      set entered_at = excluded.entered_at, abandoned_at = excluded.abandoned_at, updated_at = now();
  end if;
  return null;
end $$;
create trigger queue_caller_noted after insert on call_record for each row
  when (new.stream = 'fact' and new.type in ('queue.answered', 'queue.left')) execute function note_queue_caller();

-- times that agents were logged in to a queue, or paused (no queue)
create table queue_agent_time (
  id bigint generated always as identity primary key,
  company_id uuid not null references owner(id),
  user_id uuid not null references directory_user(id) on delete cascade,
  queue_id uuid,
  reason text not null default '',
  began_at timestamptz not null,
  ended_at timestamptz
);
create index queue_agent_time_open on queue_agent_time (company_id, user_id) where ended_at is null;
create index queue_agent_time_queue on queue_agent_time (company_id, queue_id, began_at);

create function note_agent_time() returns trigger language plpgsql as $$
declare
  before jsonb := case when tg_op = 'UPDATE' then old.state else '{"queues":{},"paused":null}'::jsonb end;
begin
  if not exists (select 1 from directory_user where id = new.user_id and company_id = new.company_id) then
    return null;
  end if;
  update queue_agent_time t set ended_at = greatest(now(), t.began_at)
  where t.company_id = new.company_id and t.user_id = new.user_id and t.ended_at is null
    and case when t.queue_id is null
      then to_timestamp((new.state->'paused'->>'since')::bigint / 1000.0) is distinct from t.began_at
      else to_timestamp((new.state->'queues'->>t.queue_id::text)::bigint / 1000.0) is distinct from t.began_at end;
  insert into queue_agent_time (company_id, user_id, queue_id, began_at)
  select new.company_id, new.user_id, q.key::uuid, to_timestamp(q.value::text::bigint / 1000.0)
  from jsonb_each(new.state->'queues') q
  where before->'queues'->>q.key is distinct from q.value::text and q.key ~ '^[0-9a-f-]{36}$';
  if jsonb_typeof(new.state->'paused') = 'object' and before->'paused'->>'since' is distinct from new.state->'paused'->>'since' then
    insert into queue_agent_time (company_id, user_id, reason, began_at)
    values (new.company_id, new.user_id, coalesce(new.state->'paused'->>'reason', ''), to_timestamp((new.state->'paused'->>'since')::bigint / 1000.0));
  end if;
  return null;
end $$;
create trigger agent_time_noted_new after insert on queue_agent_state for each row execute function note_agent_time();
create trigger agent_time_noted after update on queue_agent_state for each row
  when ((old.state->'queues', old.state->'paused') is distinct from (new.state->'queues', new.state->'paused'))
  execute function note_agent_time();
`;
