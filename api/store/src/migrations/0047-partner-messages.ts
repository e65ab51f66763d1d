/** Partners hear of new messages: how far the events of a company's directory have been read for them. */
export const sql = `
alter table partner_cursor add column directory_n bigint not null default 0;
-- what happened before is told to nobody
update partner_cursor p set directory_n = coalesce((select max(n) from directory_event where owner_id = p.company_id), 0);
`;
