/**
 * What flows have done with the company's things (once per visit of a node), mail for missed calls, and transcripts of messages with
 * whom they are asked of.
 */
export const sql = `
create table flow_act (
  company_id uuid not null references owner(id),
  call_id uuid not null,
  -- the visit of a node
  key text not null,
  result jsonb not null,
  at timestamptz not null default now(),
  primary key (company_id, call_id, key)
);
create index flow_act_old on flow_act (company_id, at);

alter table directory_user add column missed_call_mail boolean not null default false;

-- who turns speech into text for an owner; his companies ask it unless they have their own
create table recogniser (
  owner_id uuid primary key references owner(id),
  -- folder of workers/speech
  provider text not null,
  url text not null,
  model text not null,
  key_enc bytea,
  updated_at timestamptz not null default now()
);

create table transcript (
  message_id uuid primary key references voicemail_message(id) on delete cascade,
  company_id uuid not null references owner(id),
  state text not null default 'waiting' check (state in ('waiting','asking','done','failed')),
  attempts int not null default 0,
  due_at timestamptz not null default now(),
  text_enc bytea,
  -- as the recogniser heard it
  language text,
  -- code of the last failure
  failure text,
  created_at timestamptz not null default now()
);
create index transcript_due on transcript (due_at) where state in ('waiting','asking');
create index transcript_company on transcript (company_id);
`;
