/** What is true of a user `u` at this moment, as pieces of queries. */
import { sql } from 'kysely';

/** True while a contact of the user's log-ins is registered. */
export const REGISTERED = sql<boolean>`exists (
  select 1 from sip_login join registration on registration.sip_login_id = sip_login.id
  where sip_login.user_id = u.id and sip_login.disabled_at is null and registration.expires_at > now())`;
export const FULL_NAME = sql<string>`trim(u.given_name || ' ' || u.family_name)`;
/** Is away: neither called nor calling. */
export const AWAY = sql<boolean>`coalesce(u.user_mode = 'away' and (u.mode_until is null or u.mode_until > now()), false)`;
/** Does not want to be rung: do not disturb, or away. */
export const NOT_REACHABLE = sql<boolean>`coalesce(u.user_mode in ('dnd', 'away') and (u.mode_until is null or u.mode_until > now()), false)`;
