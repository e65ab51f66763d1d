/** When a calendar was made, like every other entity. */
export const sql = `
alter table calendar add column created_at timestamptz not null default now();
`;
