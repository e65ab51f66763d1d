/** Calls of the moment that a user takes part in. */
import type { Coordinates } from '@callwright/engine';
import { sql } from 'kysely';
import type { CompanyScope, Db } from './scope.ts';

interface OtherLeg {
  readonly coordinates: Coordinates;
  readonly role: string | null;
  readonly answered: boolean;
}

interface Row {
  readonly id: string;
  readonly number: number;
  readonly externalId: string | null;
  readonly direction: string;
  readonly leg: string;
  readonly role: string;
  readonly startedAt: Date;
  readonly answeredAt: Date | null;
  readonly calling: Coordinates;
  readonly called: Coordinates;
  readonly others: readonly OtherLeg[];
  readonly held: boolean;
  readonly recorded: boolean;
  readonly note: string;
}

export interface UserCall extends Omit<Row, 'others' | 'calling' | 'role'> {
  readonly role: 'calling' | 'called';
  /** Whom the user faces. */
  readonly other: Coordinates;
}

/** More than a person has. */
const MOST = 20;
/** As the index of users’ legs says it. */
const OVER = sql`('ended', 'released')`;
/** A party is added with its leg; whoever listens in is no party to those who talk. */
const addedWith = (leg: string) => sql`(select a.body from call_record a
  where a.call_id = call.id and a.company_id = call.company_id and a.type = 'party.added' and a.body->>'leg' = ${sql.ref(leg)}
  order by a.n desc limit 1)`;

/** Calls in which the user has a leg that rings or is up, oldest first. */
export async function listUserCalls(db: Db, { companyId }: CompanyScope, userId: string): Promise<UserCall[]> {
  const { rows } = await sql<Row>`
    select call.id, call.number, call.external_id as "externalId", call.direction, leg.id as leg,
      coalesce(party.body->>'role', case leg.direction when 'inbound' then 'calling' else 'called' end) as role,
      leg.created_at as "startedAt", leg.answered_at as "answeredAt", call.calling, call.called,
      coalesce((select jsonb_agg(jsonb_build_object('coordinates', o.coordinates, 'role', o.role, 'answered', o.answered) order by o.created_at)
        from (select l.coordinates, l.state = 'answered' as answered, l.created_at, ${addedWith('l.id')}->>'role' as role
          from leg l where l.call_id = call.id and l.company_id = call.company_id and l.id <> leg.id and l.state not in ${OVER}) o
        where o.role is distinct from 'supervising'), '[]') as others,
      coalesce((select h.type = 'party.held' from call_record h where h.call_id = call.id and h.company_id = call.company_id
        and h.type in ('party.held', 'party.resumed') and h.body->'party' = party.body->'party' order by h.n desc limit 1), false) as held,
      coalesce((select r.type in ('recording.started', 'recording.resumed') from call_record r
        where r.call_id = call.id and r.company_id = call.company_id
        and r.type in ('recording.started', 'recording.resumed', 'recording.paused', 'recording.stopped')
        order by r.n desc limit 1), false) as recorded,
      coalesce((select f.body->>'note' from call_record f where f.call_id = call.id and f.company_id = call.company_id
        and f.type in ('party.forwarded', 'party.transferred') and f.body->>'note' <> '' order by f.n desc limit 1), '') as note
    from leg
    join call on call.id = leg.call_id and call.company_id = leg.company_id and call.state in ('waiting', 'started')
    left join lateral (select ${addedWith('leg.id')} as body) party on true
    where leg.company_id = ${companyId} and leg.coordinates->>'type' = 'user' and leg.coordinates->>'id' = ${userId}
      and leg.state not in ${OVER} and coalesce(party.body->>'role', '') <> 'supervising'
    order by leg.created_at limit ${MOST}`.execute(db);
  return rows.map(({ others, calling, ...row }) => {
    const role = row.role === 'calling' ? 'calling' : 'called';
    return {
      ...row,
      role,
      note: role === 'called' ? row.note : '',
      other: facing(role, others) ?? (role === 'calling' ? row.called : calling),
    };
  });
}

/** Who rings sees who calls; who talks, whom he talks with. */
function facing(role: 'calling' | 'called', others: readonly OtherLeg[]): Coordinates | null {
  const talking = others.findLast(({ answered }) => answered);
  const found = role === 'called' ? (others.find((one) => one.role === 'calling') ?? talking) : talking;
  return found?.coordinates ?? null;
}
