/** Registrar bindings: preference, the instance behind a flow (RFC 5626), and whether a NAT must be kept open. */
export const sql = `
-- preference among the contacts of a log-in (RFC 3261 §20.10)
alter table registration add column q real not null default 1 check (q between 0 and 1);
-- +sip.instance and reg-id: a new flow of the same instance takes the place of the old one
alter table registration add column instance_id text;
alter table registration add column reg_id int;
-- the address it came from is not the one it gives
alter table registration add column natted boolean not null default false;
-- when it was last asked by OPTIONS, and how often in a row it has not answered
alter table registration add column asked_at timestamptz;
alter table registration add column silent int not null default 0;
create unique index registration_flow on registration (sip_login_id, instance_id, reg_id) where instance_id is not null and reg_id is not null;
create index registration_natted on registration (instance, asked_at) where natted;
`;
