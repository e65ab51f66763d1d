/** How users want to be reached. */
import { callingRoutes as routes, type UserCallingSettings } from '@callwright/api-contract';
import { CallKeyAction, type Destination, defaultKeys } from '@callwright/engine';
import {
  destinationExists,
  type ForwardingRule,
  getUserCalling,
  listCallKeys,
  listRoomMembers,
  lockRoom,
  putCallKeys,
  putUserCalling,
  type UserCalling,
} from '@callwright/store';
import type * as z from 'zod';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

type Settings = z.output<typeof UserCallingSettings>;

const CONDITIONS = { always: 'always', busy: 'busy', noAnswer: 'no-answer', unreachable: 'unreachable' } as const;
type Key = keyof typeof CONDITIONS;
const KEYS = Object.keys(CONDITIONS) as Key[];

function view({ forwarding, secretary, keysDenied, followMe, ...plain }: UserCalling): Settings {
  const rule = (key: Key) => {
    const row = forwarding.find((one) => one.condition === CONDITIONS[key]);
    if (!row) return null;
    const { enabled, destination, shown, afterMs } = row;
    return { enabled, destination, shown, ...(key === 'noAnswer' ? { afterMs: afterMs ?? 20_000 } : {}) };
  };
  return {
    forwarding: Object.fromEntries(KEYS.map((key) => [key, rule(key)])) as Settings['forwarding'],
    ...plain,
    keysDenied: CallKeyAction.options.filter((action) => keysDenied.includes(action)),
    followMe: { ...followMe, targets: followMe.targets.map((one) => ({ ...one })) },
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

/** All actions, each with the keys that count in the company. */
async function keysOf({ store }: Services, company: Context['company']) {
  const own = await listCallKeys(store.db, company);
  return CallKeyAction.options.map((action) => {
    const set = own.find((one) => one.action === action);
    return { action, keys: set ? set.keys : defaultKeys(action) };
  });
}

/** How a user is reached, as it is kept. */
export const callingOf = async ({ store: { db } }: Services, { company }: Context, userId: string): Promise<Settings> =>
  view(found(await getUserCalling(db, company, userId)));

/** Replaces how a user is reached. Throws `API_UNKNOWN_DESTINATION`. */
export async function saveCalling(
  services: Services,
  context: Context,
  userId: string,
  { forwarding: wanted, ...rest }: Settings,
): Promise<Settings> {
  await callingOf(services, context, userId);
  const forwarding = rulesOf(wanted);
  for (const { destination } of forwarding) await mustExist(services, context, destination);
  const stored = await putUserCalling(services.store.db, context.company, userId, { ...rest, forwarding });
  if (!stored) throw new ApiError('API_UNKNOWN_DESTINATION');
  await context.audit({ action: 'user.calling', entity: { type: 'user', id: userId } });
  return callingOf(services, context, userId);
}

export function callingHandlers(services: Services): Implementation[] {
  const { db } = services.store;
  return [
    implement(routes.getUserCalling, ({ params }, context) => callingOf(services, context, params.id)),
    implement(routes.lockMeetingRoom, async ({ params, body }, { company }) => {
      found((await lockRoom(db, company, params.id, body.locked)) || null);
      return { id: params.id, locked: body.locked };
    }),
    implement(routes.getCallKeys, async (_, { company }) => ({ items: await keysOf(services, company) })),
    implement(routes.putCallKeys, async ({ body }, context) => {
      await putCallKeys(db, context.company, body.items);
      await context.audit({ action: 'call.keys', entity: { type: 'company', id: context.company.companyId } });
      return { items: await keysOf(services, context.company) };
    }),
    implement(routes.listMeetingRoomMembers, async ({ params }, { company }) => ({
      items: found(await listRoomMembers(db, company, params.id)).map((one) => ({
        callId: one.call_id,
        number: one.number,
        name: one.name,
        userId: one.user_id,
        moderator: one.moderator,
        waiting: one.waiting,
        joinedAt: iso(one.joined_at),
      })),
    })),
    implement(routes.putUserCalling, ({ params, body }, context) => saveCalling(services, context, params.id, body)),
  ];
}
