/** Erasures go through the rows of a company step by step; whoever began one may die. */
export const sql = `
create table erasure (
  id uuid primary key,
  company_id uuid not null references owner(id),
  -- whom it is about and what he is known by, sealed; null once it is done
  subject_enc bytea,
  dry boolean not null,
  state text not null default 'running' check (state in ('running', 'done')),
  -- what is gone through, and how far
  step text not null default 'calls',
  cursor text not null default '',
  -- table → { deleted, changed, kept }
  tables jsonb not null default '{}',
  recordings int not null default 0,
  live_calls int not null default 0,
  -- of whoever works on it: another does after that
  due_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index erasure_due on erasure (due_at) where state = 'running';
create index erasure_company on erasure (company_id, created_at);
`;
