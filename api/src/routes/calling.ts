/** How users want to be reached. */
import { callingRoutes as routes, type UserCallingSettings } from '@callwright/api-contract';
import type { Destination } from '@callwright/engine';
import {
  destinationExists,
  type ForwardingRule,
  getUserCalling,
  lockRoom,
  putUserCalling,
  type UserCalling,
} from '@callwright/store';
import type * as z from 'zod';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { found } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

type Settings = z.output<typeof UserCallingSettings>;

const CONDITIONS = { always: 'always', busy: 'busy', noAnswer: 'no-answer', unreachable: 'unreachable' } as const;
type Key = keyof typeof CONDITIONS;
const KEYS = Object.keys(CONDITIONS) as Key[];

function view({ forwarding, rejectAnonymous, screening, preAnswer, secretary }: UserCalling): Settings {
  const rule = (key: Key) => {
    const row = forwarding.find((one) => one.condition === CONDITIONS[key]);
    if (!row) return null;
    const { enabled, destination, shown, afterMs } = row;
    return { enabled, destination, shown, ...(key === 'noAnswer' ? { afterMs: afterMs ?? 20_000 } : {}) };
  };
  return {
    forwarding: Object.fromEntries(KEYS.map((key) => [key, rule(key)])) as Settings['forwarding'],
    rejectAnonymous,
    screening,
    preAnswer,
    secretary: secretary && { userId: secretary.userId, exempt: [...secretary.exempt] },
  };
}

function rulesOf(forwarding: Settings['forwarding']): ForwardingRule[] {
  return KEYS.flatMap((key) => {
    const rule = forwarding[key];
    if (!rule) return [];
    const afterMs = 'afterMs' in rule ? (rule.afterMs as number) : null;
    return [
      { condition: CONDITIONS[key], enabled: rule.enabled, destination: rule.destination, shown: rule.shown, afterMs },
    ];
  });
}

/** A destination of the company, or the end of the call. */
async function mustExist({ store }: Services, { company }: Context, { type, id }: Destination): Promise<void> {
  if (type === 'hang-up' && id === 'hang-up') return;
  if (!(await destinationExists(store.db, company, { type, id }))) throw new ApiError('API_UNKNOWN_DESTINATION');
}

export function callingHandlers(services: Services): Implementation[] {
  const { db } = services.store;
  return [
    implement(routes.getUserCalling, async ({ params }, { company }) =>
      view(found(await getUserCalling(db, company, params.id))),
    ),
    implement(routes.lockMeetingRoom, async ({ params, body }, { company }) => {
      found((await lockRoom(db, company, params.id, body.locked)) || null);
      return { id: params.id, locked: body.locked };
    }),
    implement(routes.putUserCalling, async ({ params, body }, context) => {
      const { company } = context;
      found(await getUserCalling(db, company, params.id));
      const forwarding = rulesOf(body.forwarding);
      for (const { destination } of forwarding) await mustExist(services, context, destination);
      const { rejectAnonymous, screening, preAnswer, secretary } = body;
      const stored = await putUserCalling(db, company, params.id, {
        forwarding,
        rejectAnonymous,
        screening,
        preAnswer,
        secretary,
      });
      if (!stored) throw new ApiError('API_UNKNOWN_DESTINATION');
      await context.audit({ action: 'user.calling', entity: { type: 'user', id: params.id } });
      return view(found(await getUserCalling(db, company, params.id)));
    }),
  ];
}
