/** When a recording of a call was first listened to: those that nobody has heard are new. */
export const sql = `
alter table recording add column heard_at timestamptz;
-- what was there before is not new
update recording set heard_at = now() where kind = 'call';
create index recording_unheard on recording (company_id, call_id) where kind = 'call' and state = 'stored' and heard_at is null;
`;
