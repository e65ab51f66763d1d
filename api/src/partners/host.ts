/** The telephone system as partner contracts see it, for the company of a module: answers from the store, commands kept before they act. */
import { responderTree } from '@callwright/engine';
import type {
  HostBox,
  HostCall,
  HostCommand,
  HostConnect,
  HostGroup,
  HostPlace,
  HostSide,
  HostUser,
  PartnerHost,
} from '@callwright/partners';
import {
  addControl,
  addPartnerCommand,
  boxesWithMessages,
  type CallWithLegs,
  type CompanyScope,
  type ConnectSide,
  departments,
  type EnteredModule,
  hasNewRecordings,
  inTransaction,
  listCallAccounts,
  listCallsWithLegs,
  listCompanyDevices,
  listDevices,
  listFlows,
  listParkedCalls,
  listPresence,
  listRingGroups,
  listTrunkLines,
  listUsers,
  localeOf,
  meetingRooms,
  type Page,
  parkSlots,
  placeConnect,
  publishedDocuments,
  queueAgents,
  queues,
  trustedScope,
  updateUser,
  uuidv7,
  voicemailBoxes,
} from '@callwright/store';
import { sendControl } from '../calls/control.ts';
import { startOrLeave } from '../calls/originate.ts';
import type { Services } from '../http/context.ts';
import { contactHost } from './contacts.ts';

const PAGE = 500;
/** Most entities of a kind that a contract is told of. */
const MOST = 20_000;
const RING_MS = 60_000;
const CURRENT_CALLS = 500;

/** All rows of a list that is read by positive number. */
async function all<T extends { readonly number: number }>(
  list: (filter: { after: number; limit: number }) => Promise<Page<T>>,
): Promise<T[]> {
  const rows: T[] = [];
  for (let after = 0; rows.length < MOST; ) {
    const { items, next } = await list({ after, limit: PAGE });
    rows.push(...items);
    if (next === null) break;
    after = items.at(-1)!.number;
  }
  return rows;
}

function callOf({ createdAt, legs, ...call }: CallWithLegs): HostCall {
  const trunks = legs.flatMap(({ coordinates, trunk }) => {
    const number = trunk ?? (coordinates.type === 'trunk' ? coordinates.entityNumber : null);
    return number === null ? [] : [[coordinates.number, number] as const];
  });
  return { ...call, startedAt: createdAt.getTime(), legs, trunkNumbers: Object.fromEntries(trunks) };
}

const sideOf = ({ to, trunkId = null, as, shown, autoAnswer }: HostSide): ConnectSide => ({
  to,
  trunkId,
  announcement: null,
  autoAnswer,
  ringTimeoutMs: RING_MS,
  ...(as ? { as } : {}),
  ...(shown === undefined ? {} : { presentation: { number: shown, name: '' } }),
});

/** Log-ins of the devices that a side names; null when it names none. */
async function loginsOf(
  { store }: Services,
  company: CompanyScope,
  { to, devices }: HostSide,
): Promise<string[] | null> {
  if (!devices) return null;
  const all = await listDevices(store.db, company, to.id);
  return all.flatMap(({ number, loginId }) => (devices.includes(number) && loginId !== null ? [loginId] : []));
}

/** What users are to contracts. */
function users({ store: { db } }: Services, company: CompanyScope): PartnerHost['users'] {
  return async ({ extension, number } = {}) => {
    const only = number === undefined ? {} : { after: number - 1 };
    const found =
      number === undefined && extension === undefined
        ? await all((filter) => listUsers(db, company, filter))
        : (
            await listUsers(db, company, {
              after: 0,
              limit: 1,
              ...only,
              ...(extension === undefined ? {} : { extension }),
            })
          ).items;
    const mine = found.filter((user) => number === undefined || user.number === number);
    const presence =
      mine.length === 1
        ? (await listPresence(db, company, { after: mine[0]!.number - 1, limit: 1 })).items
        : await all((filter) => listPresence(db, company, filter));
    const states = new Map(presence.map((one) => [one.userId, one]));
    return mine.map((user): HostUser => {
      const seen = states.get(user.id);
      return { ...user, presence: seen?.state ?? 'unknown', chat: seen?.chat?.status ?? null };
    });
  };
}

function entities(services: Services, company: CompanyScope) {
  const { db } = services.store;
  return {
    users: users(services, company),
    groups: async (): Promise<HostGroup[]> => {
      const groups = await all(({ after, limit }) => listRingGroups(db, company, after, limit));
      const waiting = await all((filter) => queues.list(db, company, filter));
      const agents = await queueAgents(db, company);
      return [
        ...groups.map((group) => ({
          ...group,
          kind: 'ring-group' as const,
          memberLogin: group.member_login,
          pickupDisabled: group.pickup_disabled,
          followDiversion: group.follow_diversion,
          members: group.members.flatMap(({ userId }) => (userId === null ? [] : [userId])),
        })),
        // agents log in and out; whoever waits is nobody's to pick up
        ...waiting.map(({ id, number, name, strategy }) => ({
          ...{ kind: 'queue' as const, id, number, name, strategy },
          ...{ broadcast: false, visible: true, memberLogin: true, pickupDisabled: true, followDiversion: false },
          members: agents.get(id) ?? [],
        })),
      ];
    },
    trunks: async () => {
      // numbers are those of the owner: a trunk of somebody above does not hide one of the company's own
      const seen = new Set<number>();
      return (await listTrunkLines(db, company))
        .filter(({ number }) => !seen.has(number) && seen.add(number))
        .map(({ maxCalls, address, ...trunk }) => ({ ...trunk, lines: maxCalls, hostPort: address ?? '' }));
    },
    devicesOf: async (userId: string) =>
      (await listDevices(db, company, userId)).map(({ number, type, userAgent, address, registered }) => ({
        number,
        type,
        userAgent: userAgent ?? '',
        address: address ?? '',
        registered,
      })),
    userOfDevice: async (number: number) => {
      const [device] = (await listCompanyDevices(db, company, number - 1, 1)).items;
      return device?.number === number ? device.userId : null;
    },
    flows: async () =>
      (await all((filter) => listFlows(db, company, filter))).filter(({ published_hash }) => published_hash !== null),
    responders: async () =>
      new Map(
        (await publishedDocuments(db, company)).flatMap(({ flowId, document }) => {
          const tree = responderTree(document);
          return tree ? [[flowId, tree] as const] : [];
        }),
      ),
    boxes: async (): Promise<HostBox[]> => {
      const [fresh, newRecordings] = await Promise.all([boxesWithMessages(db, company), hasNewRecordings(db, company)]);
      // company boxes are those of nobody
      return (await all((filter) => voicemailBoxes.list(db, company, filter)))
        .filter(({ userId }) => userId === null)
        .map(({ id, number, name, accessNumber }) => ({
          id,
          number,
          name,
          extension: accessNumber ?? '',
          newMessages: fresh.has(id),
          newRecordings,
        }));
    },
    slots: async () => {
      const waiting = new Map((await listParkedCalls(db, company.companyId)).map((one) => [one.slot_id, one]));
      return (await all((filter) => parkSlots.list(db, company, filter))).map((slot) => {
        const one = waiting.get(slot.id);
        const parked = one
          ? { number: one.number, name: one.name, at: one.parked_at.getTime(), by: one.parked_by, note: one.note }
          : null;
        return { ...slot, parked };
      });
    },
    rooms: (): Promise<HostPlace[]> => all((filter) => meetingRooms.list(db, company, filter)),
    departments: async () =>
      (await all((filter) => departments.list(db, company, filter))).map((one) => ({ ...one, extension: '' })),
  };
}

function commands(services: Services, company: CompanyScope, module: EnteredModule) {
  const { store, keyring } = services;
  const keep = (command: HostCommand, id: string) => ({ ...command, id, moduleId: module.id });
  return {
    connect: async ({ first, second, externalId, shown }: HostConnect, command: HostCommand) => {
      const id = uuidv7();
      const [loginIds, others] = await Promise.all([first, second].map((side) => loginsOf(services, company, side)));
      if (loginIds?.length === 0 || others?.length === 0) return 'unknown-destination' as const;
      const request = {
        first: { ...sideOf(first), ...(loginIds ? { loginIds } : {}) },
        second: { ...sideOf(second), ...(others ? { loginIds: others } : {}) },
        presentation: shown === null ? null : { number: shown, name: '' },
        maxTalkMs: null,
      };
      // the command stands or falls with the call it makes
      const start = await inTransaction(store.db, async (tx) => {
        const placed = await placeConnect(tx, keyring, company, { id, externalId, request });
        if (typeof placed !== 'string') await addPartnerCommand(tx, company, keep(command, id));
        return placed;
      });
      if (typeof start === 'string') return start;
      await startOrLeave(services, start);
      return 'done' as const;
    },
    control: async (callId: string, action: Parameters<PartnerHost['control']>[1], command: HostCommand) => {
      const id = uuidv7();
      const by = { type: 'partner', id: module.id };
      const row = await inTransaction(store.db, async (tx) => {
        const kept = await addControl(tx, company, { id, callId, by, action });
        if (kept !== null && kept !== 'over') await addPartnerCommand(tx, company, keep(command, id));
        return kept;
      });
      if (row === null || row === 'over') return 'over' as const;
      await sendControl(services, company, callId, { id, by, action });
      return 'done' as const;
    },
    setMode: async (userId: string, mode: Parameters<PartnerHost['setMode']>[1], divertNumber?: string) => {
      const fields = { mode, modeNote: '', ...(divertNumber === undefined ? {} : { divertNumber }) };
      return (await updateUser(store.db, company, userId, fields)) !== null;
    },
  };
}

/** The host of a request that a module's token let in. */
export function partnerHost(services: Services, module: EnteredModule): PartnerHost {
  const { db } = services.store;
  const company = trustedScope(module.companyId);
  const { timeZone, country } = localeOf(module.owner);
  return {
    now: () => Date.now(),
    timeZone,
    ...entities(services, company),
    ...commands(services, company, module),
    ...contactHost(db, company, country),
    call: async (number) => {
      const [found] = await listCallsWithLegs(db, company, { limit: 1, number });
      return found ? callOf(found) : null;
    },
    calls: async () => (await listCallsWithLegs(db, company, { limit: CURRENT_CALLS })).map(callOf),
    history: ({ from, to, callNumber, ...filter }) =>
      listCallAccounts(db, company, {
        ...filter,
        from: from === undefined ? undefined : new Date(from),
        to: to === undefined ? undefined : new Date(to),
        number: callNumber,
      }),
  };
}
