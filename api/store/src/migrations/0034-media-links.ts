/** Links between two media instances that let a leg of the one and a leg of the other hear each other (docs/adr/legs-on-two-instances.md). */
export const sql = `
create table media_link (
  id uuid primary key,
  company_id uuid not null references owner(id),
  call_id uuid not null,
  -- the side that asks and makes the offer
  leg_a text not null,
  instance_a text not null references media_instance(instance),
  channel_a text not null,
  state_a text not null default 'open' check (state_a in ('open','left')),
  -- the side that is asked
  leg_b text not null,
  instance_b text not null references media_instance(instance),
  channel_b text,
  state_b text not null default 'asked' check (state_b in ('asked','open','left')),
  -- session descriptions of the two ends
  offer text not null,
  answer text,
  created_at timestamptz not null default now()
);
create index media_link_a on media_link (instance_a);
create index media_link_b on media_link (instance_b);
`;
