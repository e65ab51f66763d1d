/** Users, their devices and SIP log-ins. */
import { userRoutes } from '@callwright/api-contract';
import {
  createUser,
  type DeviceRow,
  deleteDevice,
  deleteUser,
  getDevice,
  getDeviceSecret,
  getUser,
  hashPassword,
  listCompanyDevices,
  listDevices,
  listRegistrations,
  listUsers,
  type Patch,
  randomSipSecret,
  replaceDeviceSecret,
  SIP_SEALS,
  sealSipSecret,
  settingsOfCompany,
  type UserFields,
  type UserRow,
  updateDevice,
  updateUser,
} from '@callwright/store';
import { makeDevice } from '../devices/make-device.ts';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { requireEntitlement } from '../http/entitlement.ts';
import { found, iso, isoOrNull, limitOf, numberCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

/** As shown to whoever may read the directory. */
export function userView({ pinHash, suspendedAt, modeUntil, codecs, createdAt, ...user }: UserRow) {
  return {
    ...user,
    codecs: codecs === null ? null : [...codecs],
    hasPin: pinHash !== null,
    suspended: suspendedAt !== null,
    modeUntil: isoOrNull(modeUntil),
    createdAt: iso(createdAt),
  };
}

interface UserBody {
  readonly pin?: string | null | undefined;
  readonly suspended?: boolean | undefined;
  readonly modeUntil?: string | null | undefined;
}

/** A checked body as fields: the PIN hashed, times read. */
export async function userFieldsOf<B extends UserBody>(
  body: B,
): Promise<Omit<B, keyof UserBody> & Pick<Patch<UserFields>, 'pinHash' | 'suspendedAt' | 'modeUntil'>> {
  const { pin, suspended, modeUntil, ...rest } = body;
  return {
    ...rest,
    ...(pin === undefined ? {} : { pinHash: pin === null ? null : await hashPassword(pin) }),
    ...(suspended === undefined ? {} : { suspendedAt: suspended ? new Date() : null }),
    ...(modeUntil === undefined ? {} : { modeUntil: modeUntil === null ? null : new Date(modeUntil) }),
  };
}

export const deviceView = ({ loginId: _login, sharedLogin, username, realm, disabledAt, ...device }: DeviceRow) => ({
  ...device,
  sip: username === null ? null : { username, realm: realm ?? '', disabled: disabledAt !== null, shared: sharedLogin },
  lastRegisteredAt: isoOrNull(device.lastRegisteredAt),
  createdAt: iso(device.createdAt),
});

/** A log-in name nobody has: the extension helps people, the rest makes it unique. */
function gone(deleted: boolean): undefined {
  if (!deleted) throw new ApiError('API_NOT_FOUND');
  return undefined;
}

function userHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(userRoutes.listUsers, async ({ query }, { company }) => {
      const { items, next } = await listUsers(db, company, {
        after: numberCursor(query) ?? 0,
        limit: limitOf(query),
        extension: query.extension,
        departmentId: query.department,
        siteId: query.site,
        search: query.search,
      });
      return { items: items.map(userView), next };
    }),
    implement(userRoutes.createUser, async ({ body }, { company, mintId }) => {
      if (body.recordCalls) await requireEntitlement(db, company.companyId, 'recording');
      return userView(await createUser(db, company, mintId, await userFieldsOf(body)));
    }),
    implement(userRoutes.getUser, async ({ params }, { company }) =>
      userView(found(await getUser(db, company, params.id))),
    ),
    implement(userRoutes.updateUser, async ({ params, body }, { company, audit }) => {
      if (body.recordCalls) await requireEntitlement(db, company.companyId, 'recording');
      const user = found(await updateUser(db, company, params.id, await userFieldsOf(body)));
      if (body.suspended !== undefined)
        await audit({
          action: body.suspended ? 'user.suspended' : 'user.resumed',
          entity: { type: 'user', id: params.id },
        });
      return userView(user);
    }),
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

/** The password of a device, which leaves a line in the audit log. Throws `API_FORBIDDEN` where the company may not see passwords. */
async function readSecret({ store, keyring }: Services, context: Context, deviceId: string, action: string) {
  const { company, audit, identity } = context;
  const { hideSecrets } = await settingsOfCompany(store.db, company);
  if (hideSecrets && identity.ownerId === company.companyId)
    throw new ApiError('API_FORBIDDEN', { detail: 'SIP passwords are hidden from this company.' });
  const sealed = found(await getDeviceSecret(store.db, company, deviceId));
  // the line is written before the secret leaves
  await audit({ action, entity: { type: 'device', id: deviceId } });
  return { ...sealed, password: keyring.openText(SIP_SEALS.secret(company.companyId), sealed.secretEnc) };
}

/** As it stands. */
export async function deviceSecret(services: Services, context: Context, deviceId: string) {
  const { username, realm, password } = await readSecret(services, context, deviceId, 'device.secret-shown');
  return { username, realm, password };
}

/** A new one; phones with the old one are unregistered. */
export async function newDeviceSecret(services: Services, context: Context, deviceId: string) {
  const { loginId, username, realm } = await readSecret(services, context, deviceId, 'device.secret-replaced');
  const password = randomSipSecret();
  const sealed = sealSipSecret(services.keyring, context.company.companyId, { username, realm, secret: password });
  gone(await replaceDeviceSecret(services.store.db, context.company, loginId, sealed));
  return { username, realm, password };
}

function deviceHandlers(services: Services): Implementation[] {
  const { db } = services.store;
  return [
    implement(userRoutes.listDevices, async ({ params }, { company }) => {
      found(await getUser(db, company, params.id));
      return { items: (await listDevices(db, company, params.id)).map(deviceView) };
    }),
    implement(userRoutes.createDevice, async ({ params, body }, { company, mintId }) => {
      const owner = found(await getUser(db, company, params.id));
      const made = await makeDevice(db, services.keyring, company, { ...body, id: mintId, user: owner });
      return deviceView(found(made));
    }),
    implement(userRoutes.listCompanyDevices, async ({ query }, { company }) => {
      const { items, next } = await listCompanyDevices(db, company, numberCursor(query) ?? 0, limitOf(query));
      return { items: items.map(deviceView), next };
    }),
    implement(userRoutes.getDevice, async ({ params }, { company }) =>
      deviceView(found(await getDevice(db, company, params.id))),
    ),
    implement(userRoutes.updateDevice, async ({ params, body }, { company }) =>
      deviceView(found(await updateDevice(db, company, params.id, body))),
    ),
    implement(userRoutes.deleteDevice, async ({ params }, { company, audit }) => {
      gone(await deleteDevice(db, company, params.id));
      await audit({ action: 'device.deleted', entity: { type: 'device', id: params.id } });
    }),
    implement(userRoutes.showDeviceSecret, ({ params }, context) => deviceSecret(services, context, params.id)),
    implement(userRoutes.replaceDeviceSecret, ({ params }, context) => newDeviceSecret(services, context, params.id)),
  ];
}

export function userAndDeviceHandlers(services: Services): Implementation[] {
  return [...userHandlers(services), ...deviceHandlers(services)];
}
