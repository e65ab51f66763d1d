/** Since when a module is on: what happened while it was off is not told to it. */
export const sql = `
alter table partner_module add column enabled_at timestamptz not null default now();
update partner_module set enabled_at = created_at;
create function partner_module_enabled() returns trigger language plpgsql as $$
begin
  new.enabled_at := now();
  return new;
end $$;
create trigger partner_module_enabled before update on partner_module
  for each row when (new.enabled and not old.enabled) execute function partner_module_enabled();
`;
