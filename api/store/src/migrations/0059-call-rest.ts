/** Who pays for a leg while it runs. */
export const sql = `
-- coordinates of whoever forwarded or transferred; null: who placed the call
alter table leg add column charged jsonb;
`;
