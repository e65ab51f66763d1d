/**
 * Webhooks: who wants to be told of which events, the outbox of what is to be told, in order per subscription, and every attempt. A
 * subscription keeps the place up to which its events have been put into its outbox, so that each is put there once.
 */
export const sql = `
create table webhook (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  name text not null,
  url text not null,
  -- names of events, or beginnings of names with * at the end; empty: all
  events text[] not null default '{}',
  enabled boolean not null default true,
  -- rule by which deliveries are built, judged and repeated; partner contracts bring their own
  rule text not null default 'callwright',
  settings jsonb not null default '{}',
  -- facts are read by the order of arrival, directory events by number
  fact_tx xid8 not null default pg_snapshot_xmin(pg_current_snapshot()),
  fact_seq bigint not null default 0,
  directory_n bigint not null default 0,
  -- one worker at a time delivers, for as long as it renews this
  claimed_by text,
  claimed_until timestamptz,
  created_at timestamptz not null default now(),
  unique (company_id, number)
);

create function begin_webhook() returns trigger language plpgsql as $$
begin
  new.directory_n := coalesce((select max(n) from directory_event where owner_id = new.company_id), 0);
  return new;
end $$;
create trigger webhook_begins before insert on webhook for each row execute function begin_webhook();

create table webhook_secret (
  webhook_id uuid not null references webhook(id) on delete cascade,
  company_id uuid not null references owner(id),
  number int not null,
  secret_enc bytea not null,
  created_at timestamptz not null default now(),
  primary key (webhook_id, number)
);

create table webhook_delivery (
  -- place in the order of the subscription
  number bigint generated always as identity primary key,
  webhook_id uuid not null references webhook(id) on delete cascade,
  company_id uuid not null references owner(id),
  -- the same for every subscription that is told of it
  event_id text not null,
  type text not null,
  at timestamptz not null,
  body jsonb not null,
  state text not null default 'waiting' check (state in ('waiting','delivered','dead')),
  attempts int not null default 0,
  due_at timestamptz not null default now(),
  last_status int,
  last_error text,
  settled_at timestamptz,
  created_at timestamptz not null default now(),
  unique (webhook_id, event_id)
);
create index webhook_delivery_waiting on webhook_delivery (webhook_id, number) where state = 'waiting';
create index webhook_delivery_dead on webhook_delivery (webhook_id, number) where state = 'dead';
create index webhook_delivery_old on webhook_delivery (company_id, created_at);

create table webhook_attempt (
  id bigint generated always as identity primary key,
  company_id uuid not null references owner(id),
  delivery bigint not null references webhook_delivery(number) on delete cascade,
  at timestamptz not null default now(),
  duration_ms int not null,
  http_status int,
  error text
);
create index webhook_attempt_delivery on webhook_attempt (delivery, id);
`;
