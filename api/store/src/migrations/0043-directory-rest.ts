/** Owners that are deleted, and the directory service (LDAP) that a company's phones search in. */
export const sql = `
alter table owner add column deleted_at timestamptz;

-- user_id null: for every user who has none of his own
create table ldap_connection (
  id uuid primary key,
  company_id uuid not null references owner(id),
  user_id uuid references directory_user(id) on delete cascade,
  hostname text not null,
  port int,
  security text not null default 'tls' check (security in ('none', 'starttls', 'tls')),
  username text not null default '',
  domain text not null default '',
  password_enc bytea,
  updated_at timestamptz not null default now(),
  unique nulls not distinct (company_id, user_id)
);
`;
