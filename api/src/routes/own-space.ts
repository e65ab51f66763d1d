/** A user's own space: the browser's phone, own devices, how one is reached, the own box; and the own password of any account. */
import { randomBytes } from 'node:crypto';
import { ownSpaceRoutes as routes } from '@callwright/api-contract';
import {
  changeOwnPassword,
  deleteDevice,
  dropGreeting,
  findBoxOfUser,
  getDevice,
  getUser,
  greetingsOfBox,
  guardAttempt,
  guardClear,
  hashPassword,
  hashToken,
  keepOwnGreeting,
  passwordOf,
  randomSipSecret,
  readGreeting,
  SIP_REALM,
  SIP_SEALS,
  sealSipSecret,
  sessionLogin,
  uuidv7,
  verifyPassword,
  voicemailBoxes,
} from '@callwright/store';
import { makeDevice } from '../devices/make-device.ts';
import { SESSION_COOKIE } from '../http/access.ts';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { found } from '../http/paging.ts';
import { ApiError } from '../problem.ts';
import { callingOf, saveCalling } from './calling.ts';
import { guessesAt, PER_ACCOUNT } from './identity.ts';
import { selfOf } from './me.ts';
import { telephoneWav } from './prompts.ts';
import { deviceSecret, deviceView, newDeviceSecret } from './users.ts';

/** Where one may lead one's own calls by oneself; anything else, addresses outside above all, is the administrator's to set. */
const OWN_DESTINATIONS: readonly string[] = ['user', 'number', 'voicemail', 'ring-group', 'queue', 'flow', 'hang-up'];

export function ownSpaceHandlers(services: Services): Implementation[] {
  return [
    ...phoneHandlers(services),
    ...deviceHandlers(services),
    ...callingHandlers(services),
    ...boxHandlers(services),
    ...passwordHandlers(services),
  ];
}

/** The session that asks, by the hash of its cookie; a key has none. */
function sessionOf({ identity, request }: Context): Buffer {
  const token = request.cookies[SESSION_COOKIE];
  if (identity.via !== 'session' || token === undefined)
    throw new ApiError('API_FORBIDDEN', { detail: 'It needs a session.' });
  return hashToken(token);
}

function phoneHandlers({ store: { db }, keyring }: Services): Implementation[] {
  return [
    implement(routes.createMyPhone, async (_input, context) => {
      const userId = selfOf(context);
      const { company } = context;
      const username = `browser-${randomBytes(9).toString('hex')}`;
      const secret = sealSipSecret(keyring, company.companyId, {
        username,
        realm: SIP_REALM,
        secret: randomSipSecret(),
      });
      const login = { loginId: uuidv7(), username, realm: SIP_REALM, secret };
      const kept = found(await sessionLogin(db, company, userId, sessionOf(context), login));
      const password = keyring.openText(SIP_SEALS.secret(company.companyId), kept.secretEnc);
      return { username: kept.username, realm: kept.realm, password };
    }),
  ];
}

function deviceHandlers(services: Services): Implementation[] {
  const { db } = services.store;
  const own = async (context: Context, id: string): Promise<string> => {
    const device = found(await getDevice(db, context.company, id));
    if (device.userId !== selfOf(context)) throw new ApiError('API_NOT_FOUND');
    return id;
  };
  return [
    implement(routes.createMyDevice, async ({ body }, context) => {
      const { company, mintId } = context;
      const user = found(await getUser(db, company, selfOf(context)));
      const device = found(await makeDevice(db, services.keyring, company, { ...body, id: mintId, user }));
      await context.audit({ action: 'device.created', entity: { type: 'device', id: device.id } });
      return { device: deviceView(device), sip: await deviceSecret(services, context, device.id) };
    }),
    implement(routes.replaceMyDeviceSecret, async ({ params }, context) =>
      newDeviceSecret(services, context, await own(context, params.id)),
    ),
    implement(routes.deleteMyDevice, async ({ params }, context) => {
      await deleteDevice(db, context.company, await own(context, params.id));
      await context.audit({ action: 'device.deleted', entity: { type: 'device', id: params.id } });
    }),
  ];
}

function callingHandlers(services: Services): Implementation[] {
  return [
    implement(routes.getMyCalling, async (_input, context) => {
      const { keysDenied: _denied, ...own } = await callingOf(services, context, selfOf(context));
      return own;
    }),
    implement(routes.putMyCalling, async ({ body }, context) => {
      const userId = selfOf(context);
      const kept = await callingOf(services, context, userId);
      const set = Object.values(kept.forwarding).map((rule) => JSON.stringify(rule?.destination));
      for (const rule of Object.values(body.forwarding)) {
        // what the administrator has set may stay
        if (
          rule &&
          !OWN_DESTINATIONS.includes(rule.destination.type) &&
          !set.includes(JSON.stringify(rule.destination))
        )
          throw new ApiError('API_UNKNOWN_DESTINATION');
      }
      const { keysDenied } = kept;
      const { keysDenied: _denied, ...own } = await saveCalling(services, context, userId, { ...body, keysDenied });
      return own;
    }),
  ];
}

function boxHandlers({ store: { db } }: Services): Implementation[] {
  const boxOf = async (context: Context): Promise<string> =>
    found(await findBoxOfUser(db, context.company, selfOf(context)));
  const view = async ({ company }: Context, id: string) => {
    const box = found(await voicemailBoxes.get(db, company, id));
    return {
      id,
      name: box.name,
      accessNumber: box.accessNumber,
      hasPin: box.pinHash !== null,
      mayEditGreetings: box.editGreeting,
      listsRecordings: box.listRecordings,
      greetings: await greetingsOfBox(db, company, id),
    };
  };
  const editable = async (context: Context): Promise<string> => {
    const id = await boxOf(context);
    if (!found(await voicemailBoxes.get(db, context.company, id)).editGreeting)
      throw new ApiError('API_FORBIDDEN', { detail: 'The greetings of this box are the administrator’s.' });
    return id;
  };
  const audit = (context: Context, id: string): Promise<void> =>
    context.audit({ action: 'voicemail.greetings-changed', entity: { type: 'voicemail', id } });
  return [
    implement(routes.getMyBox, async (_input, context) => view(context, await boxOf(context))),
    implement(routes.updateMyBox, async ({ body: { pin } }, context) => {
      const id = await boxOf(context);
      await voicemailBoxes.update(db, context.company, id, { pinHash: pin === null ? null : await hashPassword(pin) });
      await context.audit({ action: 'voicemail.pin-changed', entity: { type: 'voicemail', id } });
      return view(context, id);
    }),
    implement(routes.getMyGreeting, async ({ params }, context) =>
      found(await readGreeting(db, context.company, await boxOf(context), params.kind)),
    ),
    implement(routes.putMyGreeting, async ({ params, body }, context) => {
      const id = await editable(context);
      await keepOwnGreeting(db, context.company, id, params.kind, telephoneWav(body));
      await audit(context, id);
      return view(context, id);
    }),
    implement(routes.deleteMyGreeting, async ({ params }, context) => {
      const id = await editable(context);
      if (!(await dropGreeting(db, context.company, id, params.kind))) throw new ApiError('API_NOT_FOUND');
      await audit(context, id);
    }),
  ];
}

function passwordHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.changePassword, async ({ body }, context) => {
      const session = sessionOf(context);
      const { accountId } = context.identity;
      const account = accountId === null ? null : await passwordOf(db, accountId);
      if (accountId === null || !account) throw new ApiError('API_FORBIDDEN');
      // a session that somebody left open is no way to guess the password
      const subject = guessesAt(account.email);
      const guard = await guardAttempt(db, subject, PER_ACCOUNT);
      if (!guard.allowed) throw new ApiError('API_LOCKED_OUT', { retryAfterSeconds: guard.retryAfterMs / 1000 });
      if (!(await verifyPassword(account.hash, body.current))) throw new ApiError('API_LOGIN_FAILED');
      await guardClear(db, subject);
      await changeOwnPassword(db, accountId, await hashPassword(body.password), session);
      await context.audit({ action: 'account.password-changed', entity: { type: 'account', id: accountId } });
    }),
  ];
}
