/**
 * Message summaries to and from peers (RFC 3842): what peers say of a user's messages joins that of his own box, and what a box has is
 * told to the peer it names. Triggers bring both up to date in the transaction that changes a box or a peer's word; whoever sends reads rows.
 */
export const sql = `
-- the last word of a peer on the messages of a user
create table peer_message_summary (
  user_id uuid not null references directory_user(id) on delete cascade,
  trunk_id uuid not null references trunk(id) on delete cascade,
  company_id uuid not null references owner(id),
  waiting boolean not null,
  new_messages int not null check (new_messages >= 0),
  old_messages int not null check (old_messages >= 0),
  new_urgent int not null check (new_urgent >= 0),
  old_urgent int not null check (old_urgent >= 0),
  -- of the NOTIFY that said so: one that was overtaken on its way changes nothing
  sip_call_id text not null,
  cseq bigint not null,
  updated_at timestamptz not null default now(),
  primary key (user_id, trunk_id)
);
create index peer_message_summary_trunk on peer_message_summary (trunk_id);

-- what a user's phones are told: his own box and the words of peers together
create table user_message_state (
  user_id uuid primary key references directory_user(id) on delete cascade,
  company_id uuid not null references owner(id),
  waiting boolean not null,
  new_messages int not null,
  old_messages int not null,
  new_urgent int not null,
  old_urgent int not null,
  version bigint not null default 1
);

create function derive_user_messages(of_user uuid) returns void language plpgsql as $$
begin
  -- two who change different parts at once must not each miss the other's
  perform pg_advisory_xact_lock(1836348276, hashtext(of_user::text));
  insert into user_message_state as known (user_id, company_id, waiting, new_messages, old_messages, new_urgent, old_urgent)
  select u.id, u.company_id, bool_or(part.waiting), least(sum(part.fresh), 1000000000), least(sum(part.old), 1000000000),
    least(sum(part.fresh_urgent), 1000000000), least(sum(part.old_urgent), 1000000000)
  from directory_user u cross join lateral (
    select m.new_messages > 0 as waiting, m.new_messages as fresh, m.old_messages as old, 0 as fresh_urgent, 0 as old_urgent
    from voicemail_box box join mailbox_state m on m.box_id = box.id
    where box.user_id = u.id and box.company_id = u.company_id and box.deleted_at is null and box.mwi
    union all
    select p.waiting, p.new_messages, p.old_messages, p.new_urgent, p.old_urgent
    from peer_message_summary p join trunk on trunk.id = p.trunk_id and trunk.enabled
    where p.user_id = u.id and p.company_id = u.company_id
  ) part
  where u.id = of_user group by u.id
  on conflict (user_id) do update set waiting = excluded.waiting, new_messages = excluded.new_messages, old_messages = excluded.old_messages,
    new_urgent = excluded.new_urgent, old_urgent = excluded.old_urgent, version = known.version + 1
  where (known.waiting, known.new_messages, known.old_messages, known.new_urgent, known.old_urgent)
    is distinct from (excluded.waiting, excluded.new_messages, excluded.old_messages, excluded.new_urgent, excluded.old_urgent);
  -- nothing is left that could have messages: what was lit goes out
  update user_message_state set waiting = false, new_messages = 0, old_messages = 0, new_urgent = 0, old_urgent = 0, version = version + 1
  where user_id = of_user and (waiting or (new_messages, old_messages, new_urgent, old_urgent) <> (0, 0, 0, 0))
    and not exists (select 1 from voicemail_box box join mailbox_state m on m.box_id = box.id
      where box.user_id = of_user and box.deleted_at is null and box.mwi)
    and not exists (select 1 from peer_message_summary p join trunk on trunk.id = p.trunk_id and trunk.enabled where p.user_id = of_user);
end $$;

-- boxes whose messages a peer is told of
alter table voicemail_box
  add column notify_trunk_id uuid references trunk(id) on delete set null,
  -- name of the box there; null: its user's extension, else its access number
  add column notify_account text;
create index voicemail_box_notify on voicemail_box (notify_trunk_id) where notify_trunk_id is not null;

-- what a peer is to be told of a box, and what it has acknowledged
create table peer_lamp (
  id bigint generated always as identity primary key,
  box_id uuid not null references voicemail_box(id) on delete cascade,
  company_id uuid not null references owner(id),
  trunk_id uuid not null references trunk(id) on delete cascade,
  account text not null,
  new_messages int not null,
  old_messages int not null,
  version bigint not null default 1,
  -- version acknowledged last; 0: none
  told bigint not null default 0,
  -- the box names this peer no more: it is told that nothing waits, then the row goes
  leaving boolean not null default false,
  attempts int not null default 0,
  retry_at timestamptz,
  -- final status of the last attempt; null: nobody answered
  sip_status int,
  unique (box_id, trunk_id, account)
);
create index peer_lamp_due on peer_lamp (trunk_id) where told < version;

create function want_peer_lamp(of_box uuid) returns void language plpgsql as $$
declare
  wanted record;
begin
  perform pg_advisory_xact_lock(1836348277, hashtext(of_box::text));
  select box.id, box.company_id, box.notify_trunk_id as trunk_id,
    coalesce(box.notify_account, u.extension, box.access_number, box.number::text) as account,
    coalesce(m.new_messages, 0) as fresh, coalesce(m.old_messages, 0) as old
  into wanted
  from voicemail_box box left join mailbox_state m on m.box_id = box.id
  left join directory_user u on u.id = box.user_id and u.deleted_at is null
  where box.id = of_box and box.deleted_at is null and box.notify_trunk_id is not null;
  update peer_lamp set leaving = true, new_messages = 0, old_messages = 0, version = version + 1, attempts = 0, retry_at = null
  where box_id = of_box and not leaving and (trunk_id, account) is distinct from (wanted.trunk_id, wanted.account);
  -- its trunk may go in this very transaction
  if wanted.id is null or not exists (select 1 from trunk where id = wanted.trunk_id) then
    return;
  end if;
  insert into peer_lamp as known (box_id, company_id, trunk_id, account, new_messages, old_messages)
  values (wanted.id, wanted.company_id, wanted.trunk_id, wanted.account, wanted.fresh, wanted.old)
  on conflict (box_id, trunk_id, account) do update set new_messages = excluded.new_messages, old_messages = excluded.old_messages,
    leaving = false, version = known.version + 1, attempts = 0, retry_at = null
  where known.leaving or (known.new_messages, known.old_messages) <> (excluded.new_messages, excluded.old_messages);
end $$;

create function note_mailbox() returns trigger language plpgsql as $$
declare
  of_user uuid;
begin
  select user_id into of_user from voicemail_box where id = new.box_id;
  if of_user is not null then
    perform derive_user_messages(of_user);
  end if;
  perform want_peer_lamp(new.box_id);
  return null;
end $$;
create trigger mailbox_noted_new after insert on mailbox_state for each row execute function note_mailbox();
create trigger mailbox_noted after update on mailbox_state for each row
  when ((old.new_messages, old.old_messages) is distinct from (new.new_messages, new.old_messages)) execute function note_mailbox();

create function note_box() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.user_id is not null then
    perform derive_user_messages(old.user_id);
  end if;
  if tg_op = 'UPDATE' and new.user_id is distinct from old.user_id and new.user_id is not null then
    perform derive_user_messages(new.user_id);
  end if;
  if tg_op <> 'DELETE' then
    perform want_peer_lamp(new.id);
  end if;
  return null;
end $$;
create trigger voicemail_box_noted_new after insert on voicemail_box for each row
  when (new.notify_trunk_id is not null) execute function note_box();
create trigger voicemail_box_noted after update on voicemail_box for each row
  when ((old.user_id, old.mwi, old.deleted_at, old.notify_trunk_id, old.notify_account, old.access_number)
    is distinct from (new.user_id, new.mwi, new.deleted_at, new.notify_trunk_id, new.notify_account, new.access_number))
  execute function note_box();
create trigger voicemail_box_gone after delete on voicemail_box for each row execute function note_box();

create function note_extension() returns trigger language plpgsql as $$
begin
  perform want_peer_lamp(id) from voicemail_box where user_id = new.id and notify_trunk_id is not null;
  return null;
end $$;
create trigger directory_user_renumbered after update on directory_user for each row
  when ((old.extension, old.deleted_at) is distinct from (new.extension, new.deleted_at)) execute function note_extension();

create function note_peer_summary() returns trigger language plpgsql as $$
begin
  perform derive_user_messages(case when tg_op = 'DELETE' then old.user_id else new.user_id end);
  return null;
end $$;
create trigger peer_summary_noted after insert or update or delete on peer_message_summary for each row execute function note_peer_summary();

create function note_peer() returns trigger language plpgsql as $$
begin
  perform derive_user_messages(user_id) from (select user_id from peer_message_summary where trunk_id = new.id order by user_id) known;
  return null;
end $$;
create trigger trunk_switched after update on trunk for each row
  when (old.enabled is distinct from new.enabled) execute function note_peer();

-- a subscription is a phone's, or a trusted peer's
alter table sip_subscription alter column sip_login_id drop not null,
  add column trunk_id uuid references trunk(id) on delete cascade,
  add constraint sip_subscription_whose check (num_nonnulls(sip_login_id, trunk_id) = 1);
create index sip_subscription_trunk on sip_subscription (trunk_id) where trunk_id is not null;

-- what was told so far counts versions of boxes, from now on those of users
select derive_user_messages(box.user_id) from voicemail_box box join mailbox_state m on m.box_id = box.id where box.user_id is not null;
update sip_subscription s set user_id = box.user_id, box_id = null, told = -1
from voicemail_box box where s.package = 'message-summary' and box.id = s.box_id and box.user_id is not null;
update registration set lamp_told = -1;
`;
