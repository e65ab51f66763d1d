/** Users, devices, ring groups, calendars, numbers. */
import { randomBytes } from 'node:crypto';
import { groupRoutes, numberRoutes, userRoutes } from '@callwright/api-contract';
import type { Destination } from '@callwright/engine';
import {
  createCalendar,
  createDevice,
  createNumber,
  createRingGroup,
  createUser,
  type DeviceRow,
  deleteCalendar,
  deleteDevice,
  deleteNumber,
  deleteRingGroup,
  deleteUser,
  destinationExists,
  getCalendar,
  getDeviceSecret,
  getNumber,
  getRingGroup,
  getUser,
  listCalendars,
  listDevices,
  listNumbers,
  listRegistrations,
  listRingGroups,
  listUsers,
  type NumberRow,
  type RingGroupRow,
  randomSipSecret,
  replaceDeviceSecret,
  SIP_REALM,
  SIP_SEALS,
  sealSipSecret,
  type UserRow,
  updateCalendar,
  updateNumber,
  updateRingGroup,
  updateUser,
  uuidv7,
} from '@callwright/store';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, limitOf, numberCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

const user = (row: UserRow) => ({
  id: row.id,
  number: row.number,
  extension: row.extension,
  givenName: row.given_name,
  familyName: row.family_name,
  email: row.email,
  language: row.language,
  outboundNumber: row.outbound_number,
  callWaiting: row.call_waiting,
  registered: row.registered,
  createdAt: iso(row.created_at),
});

const device = (row: DeviceRow) => ({
  id: row.id,
  number: row.number,
  userId: row.user_id,
  type: row.type,
  name: row.name,
  mac: row.mac,
  model: row.model,
  autoAnswer: row.auto_answer,
  sip:
    row.username === null
      ? null
      : { username: row.username, realm: row.realm ?? '', disabled: row.disabled_at !== null },
  createdAt: iso(row.created_at),
});

const ringGroup = (row: RingGroupRow) => ({
  id: row.id,
  number: row.number,
  name: row.name,
  extension: row.extension,
  strategy: row.strategy,
  memberRingMs: row.member_ring_ms,
  totalRingMs: row.total_ring_ms,
  members: [...row.members],
  createdAt: iso(row.created_at),
});

const number = (row: NumberRow) => ({
  id: row.id,
  number: row.number,
  dialled: row.dialled,
  kind: row.kind,
  public: row.public,
  label: row.label,
  destination: row.destination_type === null ? null : { type: row.destination_type, id: row.destination_id ?? '' },
  createdAt: iso(row.created_at),
});

/** A log-in name nobody has: the extension helps people, the rest makes it unique. */
const madeUpUsername = (extension: string): string =>
  `u${extension.replace(/[^0-9]/g, '')}-${randomBytes(4).toString('hex')}`;

function gone(deleted: boolean): undefined {
  if (!deleted) throw new ApiError('API_NOT_FOUND');
  return undefined;
}

function userHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(userRoutes.listUsers, async ({ query }, { company }) => {
      const filter = {
        after: numberCursor(query) ?? 0,
        limit: limitOf(query),
        ...(query.extension === undefined ? {} : { extension: query.extension }),
      };
      const { items, next } = await listUsers(db, company, filter);
      return { items: items.map(user), next };
    }),
    implement(userRoutes.createUser, async ({ body }, { company, mintId }) =>
      user(await createUser(db, company, mintId, body)),
    ),
    implement(userRoutes.getUser, async ({ params }, { company }) =>
      user(found(await getUser(db, company, params.id))),
    ),
    implement(userRoutes.updateUser, async ({ params, body }, { company }) =>
      user(found(await updateUser(db, company, params.id, body))),
    ),
    implement(userRoutes.deleteUser, async ({ params }, { company, audit }) => {
      gone(await deleteUser(db, company, params.id));
      await audit({ action: 'user.deleted', entity: { type: 'user', id: params.id } });
    }),
    implement(userRoutes.listRegistrations, async ({ params }, { company }) => {
      found(await getUser(db, company, params.id));
      const rows = await listRegistrations(db, company, params.id);
      return {
        items: rows.map((r) => ({
          contact: r.contact,
          received: r.received,
          userAgent: r.user_agent,
          registeredAt: iso(r.registered_at),
          expiresAt: iso(r.expires_at),
        })),
      };
    }),
  ];
}

async function readSecret({ store, keyring }: Services, { company, audit }: Context, deviceId: string, action: string) {
  const sealed = found(await getDeviceSecret(store.db, company, deviceId));
  // the line is written before the secret leaves
  await audit({ action, entity: { type: 'device', id: deviceId } });
  return { ...sealed, password: keyring.openText(SIP_SEALS.secret(company.companyId), sealed.secretEnc) };
}

function deviceHandlers(services: Services): Implementation[] {
  const { store, keyring } = services;
  const { db } = store;
  return [
    implement(userRoutes.listDevices, async ({ params }, { company }) => {
      found(await getUser(db, company, params.id));
      return { items: (await listDevices(db, company, params.id)).map(device) };
    }),
    implement(userRoutes.createDevice, async ({ params, body }, { company, mintId }) => {
      const owner = found(await getUser(db, company, params.id));
      const username = body.username ?? madeUpUsername(owner.extension);
      const secret = sealSipSecret(keyring, company.companyId, {
        username,
        realm: SIP_REALM,
        secret: randomSipSecret(),
      });
      const { username: _named, ...fields } = body;
      const made = await createDevice(db, company, {
        ...fields,
        id: mintId,
        loginId: uuidv7(),
        userId: params.id,
        username,
        realm: SIP_REALM,
        secret,
      });
      return device(found(made));
    }),
    implement(userRoutes.deleteDevice, async ({ params }, { company, audit }) => {
      gone(await deleteDevice(db, company, params.id));
      await audit({ action: 'device.deleted', entity: { type: 'device', id: params.id } });
    }),
    implement(userRoutes.showDeviceSecret, async ({ params }, context) => {
      const { username, realm, password } = await readSecret(services, context, params.id, 'device.secret-shown');
      return { username, realm, password };
    }),
    implement(userRoutes.replaceDeviceSecret, async ({ params }, context) => {
      const { loginId, username, realm } = await readSecret(services, context, params.id, 'device.secret-replaced');
      const password = randomSipSecret();
      const sealed = sealSipSecret(keyring, context.company.companyId, { username, realm, secret: password });
      gone(await replaceDeviceSecret(db, context.company, loginId, sealed));
      return { username, realm, password };
    }),
  ];
}

function groupHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(groupRoutes.listRingGroups, async ({ query }, { company }) => {
      const { items, next } = await listRingGroups(db, company, numberCursor(query) ?? 0, limitOf(query));
      return { items: items.map(ringGroup), next };
    }),
    implement(groupRoutes.createRingGroup, async ({ body }, { company, mintId }) =>
      ringGroup(await createRingGroup(db, company, mintId, body)),
    ),
    implement(groupRoutes.getRingGroup, async ({ params }, { company }) =>
      ringGroup(found(await getRingGroup(db, company, params.id))),
    ),
    implement(groupRoutes.updateRingGroup, async ({ params, body }, { company }) =>
      ringGroup(found(await updateRingGroup(db, company, params.id, body))),
    ),
    implement(groupRoutes.deleteRingGroup, async ({ params }, { company, audit }) => {
      gone(await deleteRingGroup(db, company, params.id));
      await audit({ action: 'ring-group.deleted', entity: { type: 'ring-group', id: params.id } });
    }),
    implement(groupRoutes.listCalendars, async ({ query }, { company }) => {
      const { items, next } = await listCalendars(db, company, numberCursor(query) ?? 0, limitOf(query));
      return { items: [...items], next };
    }),
    implement(groupRoutes.createCalendar, async ({ body }, { company, mintId }) =>
      createCalendar(db, company, mintId, body.name, body.hours),
    ),
    implement(groupRoutes.getCalendar, async ({ params }, { company }) =>
      found(await getCalendar(db, company, params.id)),
    ),
    implement(groupRoutes.updateCalendar, async ({ params, body }, { company }) =>
      found(await updateCalendar(db, company, params.id, body)),
    ),
    implement(groupRoutes.deleteCalendar, async ({ params }, { company, audit }) => {
      gone(await deleteCalendar(db, company, params.id));
      await audit({ action: 'calendar.deleted', entity: { type: 'calendar', id: params.id } });
    }),
  ];
}

function numberHandlers({ store: { db } }: Services): Implementation[] {
  const check = async (context: Context, destination: Destination | null | undefined): Promise<void> => {
    if (destination && !(await destinationExists(db, context.company, destination)))
      throw new ApiError('API_UNKNOWN_DESTINATION');
  };
  return [
    implement(numberRoutes.listNumbers, async ({ query }, { company }) => {
      const filter = {
        after: numberCursor(query) ?? 0,
        limit: limitOf(query),
        ...(query.dialled === undefined ? {} : { dialled: query.dialled }),
      };
      const { items, next } = await listNumbers(db, company, filter);
      return { items: items.map(number), next };
    }),
    implement(numberRoutes.createNumber, async ({ body }, context) => {
      await check(context, body.destination);
      return number(await createNumber(db, context.company, context.mintId, body));
    }),
    implement(numberRoutes.getNumber, async ({ params }, { company }) =>
      number(found(await getNumber(db, company, params.id))),
    ),
    implement(numberRoutes.updateNumber, async ({ params, body }, context) => {
      await check(context, body.destination);
      return number(found(await updateNumber(db, context.company, params.id, body)));
    }),
    implement(numberRoutes.deleteNumber, async ({ params }, { company, audit }) => {
      gone(await deleteNumber(db, company, params.id));
      await audit({ action: 'number.deleted', entity: { type: 'number', id: params.id } });
    }),
  ];
}

export function directoryHandlers(services: Services): Implementation[] {
  return [
    ...userHandlers(services),
    ...deviceHandlers(services),
    ...groupHandlers(services),
    ...numberHandlers(services),
  ];
}
