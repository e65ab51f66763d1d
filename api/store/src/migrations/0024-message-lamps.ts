/** Lamps of phones that never subscribe: which version of the box's counts each binding was told (RFC 3842 §2, unsolicited). */
export const sql = `
alter table registration add column lamp_told bigint not null default -1;
`;
