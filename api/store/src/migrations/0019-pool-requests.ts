/** Requests that stand in a company's pool. */
export const sql = `
-- who waits for whom, written by the pool workflow, numbered with pool_occupation; the pool is rebuilt from both
create table pool_request (
  company_id uuid not null,
  request text not null,
  -- order of age: the change that brought it, and its place therein
  place bigint not null,
  standing jsonb not null,
  number bigint not null,
  updated_at timestamptz not null default now(),
  primary key (company_id, request)
);
`;
