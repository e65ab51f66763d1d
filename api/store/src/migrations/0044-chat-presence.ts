/**
 * What users say of themselves: the state of their chat, published by their phones (RFC 3903) or set by the API. It stands beside what is
 * seen of their calls. And the route that a registrar asks us to take (RFC 3608).
 */
export const sql = `
create table chat_publication (
  -- entity-tag of a publication
  etag uuid primary key,
  company_id uuid not null references owner(id),
  user_id uuid not null references directory_user(id) on delete cascade,
  -- null: set by the API, one a user
  sip_login_id uuid references sip_login(id) on delete cascade,
  status text not null check (status in ('available','busy','away','offline')),
  note text not null default '',
  -- null: until it is changed
  expires_at timestamptz,
  updated_at timestamptz not null default now()
);
create unique index chat_publication_own on chat_publication (user_id) where sip_login_id is null;
create index chat_publication_user on chat_publication (user_id, updated_at);
create index chat_publication_expiry on chat_publication (expires_at) where expires_at is not null;

-- the newest that holds
alter table user_presence add column chat_status text, add column chat_note text not null default '';

create function note_publication() returns trigger language plpgsql as $$
declare
  publication chat_publication := case when tg_op = 'DELETE' then old else new end;
begin
  insert into directory_change (owner_id, kind, user_id) values (publication.company_id, 'user', publication.user_id);
  return null;
end $$;
create trigger chat_publication_noted after insert or delete on chat_publication for each row execute function note_publication();
create trigger chat_publication_changed after update on chat_publication for each row
  when ((old.status, old.note) is distinct from (new.status, new.note)) execute function note_publication();

alter table trunk_state add column service_route text;
`;
