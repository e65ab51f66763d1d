/** Browser phones: a SIP log-in that belongs to a session and goes with it. */
export const sql = `
alter table sip_login
  -- null: not of a session
  add column session_hash bytea references session(id_hash) on delete cascade;
create unique index sip_login_session on sip_login (session_hash) where session_hash is not null;
`;
