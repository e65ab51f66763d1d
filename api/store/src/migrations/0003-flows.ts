/** Flows, immutable revisions, prompts and their content. */
export const sql = `
create table prompt_content (
  -- SHA-256 of the WAV (8 kHz mono 16 bit PCM) as played
  hash text primary key,
  bytes bytea not null,
  duration_ms int not null,
  created_at timestamptz not null default now()
);

create table prompt (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  name text not null,
  -- set for prompts made from text
  text text,
  language text,
  content_hash text not null references prompt_content(hash),
  updated_at timestamptz not null default now(),
  unique (company_id, name),
  unique (company_id, number)
);

create table flow (
  id uuid primary key,
  company_id uuid not null references owner(id),
  number bigint not null,
  name text not null,
  title text not null default '',
  -- FlowFile being edited; version for optimistic locking
  draft jsonb not null,
  draft_version int not null default 1,
  published_hash text,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, number)
);
create unique index flow_name on flow (company_id, name) where deleted_at is null;

-- named by content hash; never deleted while a call or CDR names it
create table revision (
  hash text not null,
  company_id uuid not null references owner(id),
  flow_id uuid not null references flow(id),
  number int not null,
  -- RevisionClosure: document, pinned sub-flows and audio
  closure jsonb not null,
  layout jsonb,
  comment text not null default '',
  published_by text not null,
  published_at timestamptz not null default now(),
  primary key (company_id, hash),
  unique (flow_id, number)
);
`;
