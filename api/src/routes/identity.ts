/** Sessions, owners, accounts, API keys, audit. */
import { randomBytes } from 'node:crypto';
import { ENTITLEMENT_NAMES, type Entitlement, identityRoutes as routes, type Scope } from '@callwright/api-contract';
import {
  type AccountRow,
  type ApiKeyRow,
  createAccount,
  createApiKey,
  createOwner,
  createSession,
  deleteOwner,
  deleteSession,
  findLogin,
  findSession,
  type GuardPolicy,
  getAccount,
  getOwner,
  guardAttempt,
  guardClear,
  guardForgive,
  hashPassword,
  hashToken,
  type Identity,
  listAccounts,
  listApiKeys,
  listAudit,
  listOwners,
  mintApiKey,
  type OwnerRow,
  type Role,
  revokeApiKey,
  updateAccount,
  updateOwner,
  verifyPassword,
} from '@callwright/store';
import { provisionCompany } from '../flows/built-in.ts';
import { SESSION_COOKIE, scopesOf } from '../http/access.ts';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { requireEntitlement } from '../http/entitlement.ts';
import { found, iso, isoOrNull, limitOf, numberCursor, uuidCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

const MINUTE_MS = 60_000;
const SESSION_MS = 12 * 60 * MINUTE_MS;
/** Guesses at one account, and from one address at any. */
export const PER_ACCOUNT: GuardPolicy = { limit: 5, windowMs: 15 * MINUTE_MS, banMs: 15 * MINUTE_MS };
const PER_ADDRESS: GuardPolicy = { limit: 50, windowMs: 15 * MINUTE_MS, banMs: 15 * MINUTE_MS };

/** Under what name guesses at an account's password are counted. */
export const guessesAt = (email: string): string => `login:${email.toLowerCase()}`;

const owner = (row: OwnerRow) => ({
  id: row.id,
  number: row.number,
  parentId: row.parent_id,
  kind: row.kind,
  name: row.name,
  settings: row.settings,
  profile: row.profile,
  entitlements: row.entitlements,
  entitled: Object.fromEntries(ENTITLEMENT_NAMES.map((name) => [name, !row.switched_off.includes(name)])) as Record<
    Entitlement,
    boolean
  >,
  suspended: row.suspended_at !== null,
  createdAt: iso(row.created_at),
});

const account = (row: AccountRow) => ({
  id: row.id,
  number: row.number,
  ownerId: row.owner_id,
  email: row.email,
  name: row.name,
  role: row.role,
  userId: row.user_id,
  disabled: row.disabled_at !== null,
  createdAt: iso(row.created_at),
});

const apiKey = (row: ApiKeyRow) => ({
  id: row.id,
  ownerId: row.owner_id,
  name: row.name,
  prefix: row.prefix,
  scopes: row.scopes as Scope[] | null,
  createdAt: iso(row.created_at),
  lastUsedAt: isoOrNull(row.last_used_at),
  revoked: row.revoked_at !== null,
});

const session = (identity: Identity, holder: AccountRow | null) => ({
  via: identity.via,
  ownerId: identity.ownerId,
  ownerKind: identity.ownerKind,
  company: identity.ownerKind === 'company' ? identity.ownerId : identity.homeCompany,
  accountId: identity.accountId,
  userId: identity.userId,
  email: holder?.email ?? null,
  name: holder?.name ?? null,
  role: identity.role,
  scopes: [...scopesOf(identity)],
});

const RANK: readonly Role[] = ['user', 'agent', 'supervisor', 'company', 'reseller', 'platform'];

const isAbove = (role: Role, other: Role): boolean => RANK.indexOf(role) > RANK.indexOf(other);

/** Nobody gives away more than he has, and a role fits the kind of its owner. */
function checkRole(identity: Identity, role: Role, target: OwnerRow): void {
  const tooHigh = isAbove(role, identity.role);
  const ranks = { platform: 'platform', reseller: 'reseller', company: 'company' } as const;
  if (tooHigh || RANK.indexOf(role) > RANK.indexOf(ranks[target.kind])) {
    throw new ApiError('API_FORBIDDEN', { detail: 'This role is above what you may give at this owner.' });
  }
}

async function logIn(
  { store }: Services,
  body: { email: string; password: string },
  context: Context,
): Promise<Identity> {
  const { db } = store;
  const subject = guessesAt(body.email);
  const source = `login-from:${context.request.ip}`;
  for (const [name, policy] of [
    [source, PER_ADDRESS],
    [subject, PER_ACCOUNT],
  ] as const) {
    const guard = await guardAttempt(db, name, policy);
    if (!guard.allowed) throw new ApiError('API_LOCKED_OUT', { retryAfterSeconds: guard.retryAfterMs / 1000 });
  }
  const login = await findLogin(db, body.email);
  if (!(await verifyPassword(login?.passwordHash ?? null, body.password)) || !login)
    throw new ApiError('API_LOGIN_FAILED');
  await guardClear(db, subject);
  await guardForgive(db, source);
  const token = randomBytes(32).toString('base64url');
  await createSession(db, hashToken(token), login.id, SESSION_MS);
  context.reply.setCookie(SESSION_COOKIE, token, {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    maxAge: SESSION_MS / 1000,
    secure: context.request.protocol === 'https',
  });
  return found(await findSession(db, hashToken(token)));
}

function sessionHandlers(services: Services): Implementation[] {
  const { db } = services.store;
  const describe = async (identity: Identity) =>
    session(identity, identity.accountId ? await getAccount(db, identity.ownerId, identity.accountId) : null);
  return [
    implement(routes.logIn, async ({ body }, context) => describe(await logIn(services, body, context))),
    implement(routes.getSession, async (_input, { identity }) => describe(identity)),
    implement(routes.logOut, async (_input, { request, reply }) => {
      const token = request.cookies[SESSION_COOKIE];
      if (token !== undefined) await deleteSession(services.store.db, hashToken(token));
      reply.clearCookie(SESSION_COOKIE, { path: '/' });
    }),
  ];
}

function ownerHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.listOwners, async ({ query }, { identity }) => {
      const { items, next } = await listOwners(db, identity.ownerId, numberCursor(query) ?? 0, limitOf(query));
      return { items: items.map(owner), next };
    }),
    implement(routes.createOwner, async ({ body }, { identity, mintId, audit }) => {
      const parent = body.parentId ?? identity.ownerId;
      const made = await createOwner(db, identity.ownerId, parent, {
        id: mintId,
        kind: body.kind,
        name: body.name,
        settings: body.settings,
        profile: body.profile,
        entitlements: body.entitlements,
      });
      if (!made) throw new ApiError('API_PARENT_REFUSED');
      if (made.kind === 'company') await provisionCompany(db, made.id);
      await audit({ action: 'owner.created', entity: { type: 'owner', id: made.id }, ownerId: made.id });
      return owner(made);
    }),
    implement(routes.getOwner, async ({ params }, { identity }) =>
      owner(found(await getOwner(db, identity.ownerId, params.id))),
    ),
    implement(routes.updateOwner, async ({ params, body }, { identity, audit }) => {
      const home = body.settings?.homeCompany;
      if (home !== undefined) found(await getOwner(db, params.id, home));
      if (body.entitlements && params.id === identity.ownerId)
        throw new ApiError('API_FORBIDDEN', { detail: 'What you are entitled to is set above you.' });
      const changed = found(await updateOwner(db, identity.ownerId, params.id, body));
      await audit({ action: 'owner.changed', entity: { type: 'owner', id: changed.id }, ownerId: changed.id });
      return owner(changed);
    }),
  ];
}

/** Nobody deletes himself, and nothing goes that something stands on. */
function deletionHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.deleteOwner, async ({ params }, { identity, audit }) => {
      const outcome = await deleteOwner(db, identity.ownerId, params.id);
      if (outcome === 'not-found') throw new ApiError('API_NOT_FOUND');
      if (outcome === 'in-use')
        throw new ApiError('API_IN_USE', { detail: 'Owners below it, or calls that go on, are in the way.' });
      await audit({ action: 'owner.deleted', entity: { type: 'owner', id: params.id } });
    }),
  ];
}

function accountHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.listAccounts, async ({ query }, { identity }) => {
      const { items, next } = await listAccounts(db, identity.ownerId, numberCursor(query) ?? 0, limitOf(query));
      return { items: items.map(account), next };
    }),
    implement(routes.createAccount, async ({ body }, { identity, mintId, audit }) => {
      const target = found(await getOwner(db, identity.ownerId, body.ownerId ?? identity.ownerId));
      checkRole(identity, body.role, target);
      const made = await createAccount(db, identity.ownerId, {
        id: mintId,
        ownerId: target.id,
        email: body.email,
        name: body.name,
        role: body.role,
        userId: body.userId,
        passwordHash: await hashPassword(body.password),
      });
      await audit({ action: 'account.created', entity: { type: 'account', id: mintId }, ownerId: target.id });
      return account(found(made));
    }),
    implement(routes.updateAccount, async ({ params, body }, { identity, audit }) => {
      const known = found(await getAccount(db, identity.ownerId, params.id));
      // whoever sets a password can become that account
      if (isAbove(known.role, identity.role))
        throw new ApiError('API_FORBIDDEN', { detail: 'This account is above yours.' });
      if (body.role !== undefined)
        checkRole(identity, body.role, found(await getOwner(db, identity.ownerId, known.owner_id)));
      const passwordHash = body.password === undefined ? {} : { passwordHash: await hashPassword(body.password) };
      const { password: _password, ...rest } = body;
      const changed = found(await updateAccount(db, identity.ownerId, params.id, { ...rest, ...passwordHash }));
      await audit({
        action: 'account.changed',
        entity: { type: 'account', id: changed.id },
        ownerId: changed.owner_id,
      });
      return account(changed);
    }),
  ];
}

function keyHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.listApiKeys, async ({ query }, { identity }) => {
      const { items, next } = await listApiKeys(db, identity.ownerId, uuidCursor(query), limitOf(query));
      return { items: items.map(apiKey), next };
    }),
    implement(routes.createApiKey, async ({ body }, { identity, scopes, mintId, audit }) => {
      const target = body.ownerId ?? identity.ownerId;
      const beyond = body.scopes?.find((scope) => !scopes.has(scope));
      if (beyond) throw new ApiError('API_FORBIDDEN', { detail: `You do not have the scope ${beyond}.` });
      // a key for an owner below acts as that owner
      const below = target === identity.ownerId ? null : found(await getOwner(db, identity.ownerId, target));
      if (below) checkRole(identity, below.kind, below);
      else await requireEntitlement(db, target, 'api-keys');
      const minted = mintApiKey();
      const made = await createApiKey(db, identity.ownerId, {
        id: mintId,
        ownerId: target,
        // a key of one's own owner never does more than its maker
        accountId: below ? null : identity.accountId,
        name: body.name,
        keyHash: minted.hash,
        prefix: minted.prefix,
        scopes: body.scopes ?? [...scopes],
      });
      const row = found(made);
      await audit({ action: 'api-key.created', entity: { type: 'api-key', id: row.id }, ownerId: row.owner_id });
      return { ...apiKey(row), key: minted.key };
    }),
    implement(routes.revokeApiKey, async ({ params }, { identity, audit }) => {
      if (!(await revokeApiKey(db, identity.ownerId, params.id))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'api-key.revoked', entity: { type: 'api-key', id: params.id } });
    }),
    implement(routes.listAudit, async ({ query }, { identity }) => {
      const { items, next } = await listAudit(db, identity.ownerId, numberCursor(query), limitOf(query));
      return {
        items: items.map((row) => ({
          id: row.id,
          at: iso(row.at),
          ownerId: row.owner_id,
          actor: { type: row.actor_type, id: row.actor_id },
          action: row.action,
          entity: row.entity_type === null ? null : { type: row.entity_type, id: row.entity_id ?? '' },
          detail: row.detail,
        })),
        next,
      };
    }),
  ];
}

export function identityHandlers(services: Services): Implementation[] {
  return [
    ...sessionHandlers(services),
    ...ownerHandlers(services),
    ...deletionHandlers(services),
    ...accountHandlers(services),
    ...keyHandlers(services),
  ];
}
