/** Tests of flows: a simulated call, and the way it must take through the flow. */
export const sql = `
create table flow_test (
  company_id uuid not null references owner(id),
  flow_id uuid not null references flow(id),
  name text not null,
  -- what happens to the call, in order: form in the engine's testing folder
  script jsonb not null,
  -- 'node=outcome' of every node passed
  path jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (flow_id, name)
);
create index flow_test_company on flow_test (company_id);
`;
