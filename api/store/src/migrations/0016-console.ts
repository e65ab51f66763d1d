/** The console's theme of an owner, and the host names under which it is shown (design §7). */
export const sql = `
create table owner_theme (
  owner_id uuid primary key references owner(id),
  -- name, logo, colours, links, texts: form in the API contract
  theme jsonb not null,
  updated_at timestamptz not null default now()
);

-- a host name leads to one owner on the platform; lower case, without port
create table owner_host (
  host text primary key,
  owner_id uuid not null references owner(id),
  created_at timestamptz not null default now()
);
create index owner_host_owner on owner_host (owner_id);
`;
