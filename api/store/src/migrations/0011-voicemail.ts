/**
 * Recordings, the messages of voicemail boxes, and mail that is to be sent. A recording is a row before its file is begun; a mail is a row
 * before it is sent, and stays one.
 */
export const sql = `
create table recording (
  id uuid primary key,
  company_id uuid not null references owner(id),
  -- the operation that made it: a repeated one finds it
  op text not null,
  call_id uuid not null,
  leg_id text not null,
  kind text not null check (kind in ('voicemail','greeting','flow','call')),
  state text not null default 'recording' check (state in ('recording','stored','failed','discarded')),
  -- the media instance that writes its file
  instance text not null,
  purpose jsonb not null,
  bytes bigint,
  sha256 bytea,
  duration_ms int,
  -- why it ended, or why it failed
  ended text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (company_id, op)
);
create index recording_company on recording (company_id, started_at desc, id);
create index recording_call on recording (call_id);
create index recording_open on recording (instance) where state = 'recording';
create index recording_discarded on recording (id) where state = 'discarded';

create table voicemail_message (
  -- that of its recording
  id uuid primary key references recording(id) on delete cascade,
  company_id uuid not null references owner(id),
  box_id uuid not null references voicemail_box(id) on delete cascade,
  caller jsonb not null,
  duration_ms int not null,
  state text not null default 'new' check (state in ('new','old')),
  created_at timestamptz not null default now(),
  heard_at timestamptz
);
create index voicemail_message_box on voicemail_message (box_id, created_at, id);

alter table voicemail_box add column own_phone_pin boolean not null default false;

-- where an owner's mail goes out; his companies use it unless they have their own
create table mail_server (
  owner_id uuid primary key references owner(id),
  host text not null,
  port int not null check (port between 1 and 65535),
  security text not null check (security in ('none','starttls','tls')),
  username text,
  password_enc bytea,
  sender text not null,
  updated_at timestamptz not null default now()
);

create table mail (
  id uuid primary key,
  owner_id uuid not null references owner(id),
  -- what it is about, once per owner: a repeated step finds it
  key text not null,
  template text not null,
  language text not null,
  recipient text not null,
  variables jsonb not null,
  attachment uuid references recording(id) on delete set null,
  -- the message leaves its box once it is sent
  delete_message boolean not null default false,
  state text not null default 'waiting' check (state in ('waiting','sending','sent','failed')),
  attempts int not null default 0,
  due_at timestamptz not null default now(),
  -- code of the last failure
  failure text,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  unique (owner_id, key)
);
create index mail_due on mail (due_at) where state in ('waiting','sending');
create index mail_owner on mail (owner_id, created_at desc);
`;
