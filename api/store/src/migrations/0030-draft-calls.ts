/** Calls of drafts: unpublished revisions, the numbers they are tried by, log-ins that dial nothing else. */
export const sql = `
-- null: never published, made to try a draft
alter table revision alter column number drop not null;

create table draft_call (
  id uuid primary key,
  company_id uuid not null references owner(id),
  flow_id uuid not null references flow(id),
  revision_hash text not null,
  -- digits that follow the feature code
  code text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  unique (company_id, code),
  foreign key (company_id, revision_hash) references revision(company_id, hash)
);
create index draft_call_expires on draft_call (expires_at);

alter table sip_login
  -- null: until it is disabled or deleted
  add column expires_at timestamptz,
  -- the one thing it may dial, and it may do nothing else
  add column only_dials text;
create index sip_login_expires on sip_login (expires_at) where expires_at is not null;
`;
