/**
 * The demo company: platform owner, company, administrator with API key, two users with phones, a ring group, opening hours and
 * public numbers. Made once; a later start keeps everything and shows the phones' passwords again.
 */
import type { Calendar } from '@callwright/engine';
import { type BuiltInFlow, publishBuiltIns } from './built-in-flows.ts';
import type { Keyring } from './crypto.ts';
import { hashPassword, hashToken, mintApiKey, randomPassword } from './password.ts';
import { createCalendar, listCalendars } from './queries/calendars.ts';
import { createDevice, getDeviceSecret, listDevices } from './queries/devices.ts';
import { getFlowByName } from './queries/flows.ts';
import { createRingGroup, listRingGroups, plainMember } from './queries/groups.ts';
import { createAccount, createApiKey, findApiKey, listAccounts, updateAccount } from './queries/identity.ts';
import { createNumber, listNumbers } from './queries/numbers.ts';
import {
  allCompanyIds,
  createOwner,
  createPlatform,
  findPlatform,
  type OwnerRow,
  updateOwner,
} from './queries/owners.ts';
import { type CompanyScope, type Db, trustedScope } from './queries/scope.ts';
import { createUser, listUsers } from './queries/users.ts';
import { uuidv7 } from './queries/uuid.ts';
import { randomSipSecret, SIP_REALM, SIP_SEALS, sealSipSecret } from './sip-secret.ts';
import type { Store } from './store.ts';

export interface DemoSecrets {
  /** Administrator's API key as kept by the caller from an earlier start; null when lost or the first time. */
  readonly apiKey: string | null;
  readonly password: string | null;
}

export interface DemoUser {
  readonly name: string;
  readonly extension: string;
  readonly sipUser: string;
  readonly sipPassword: string;
}

/** What the ready block tells, and the secrets that the caller keeps (files of mode 600). */
export interface DemoSummary {
  readonly admin: { readonly login: string; readonly password: string; readonly apiKey: string };
  readonly companyId: string;
  readonly users: readonly DemoUser[];
  readonly numbers: readonly { readonly number: string; readonly what: string }[];
}

export const DEMO_LOGIN = 'admin@demo.example';

const USERS = [
  { name: 'alice', givenName: 'Alice', familyName: 'Martin', extension: '101', language: 'fr' },
  { name: 'bob', givenName: 'Bob', familyName: 'Taylor', extension: '102', language: 'en' },
] as const;

const NUMBERS = [
  { number: '200', flow: 'front-desk', what: 'front desk: languages, menu, opening hours, sales, operator' },
  { number: '201', flow: 'echo-test', what: 'echo test: hear yourself' },
  { number: '202', flow: 'tone-menu', what: 'tone menu for measuring: a key, a tone' },
] as const;

const HOURS: Calendar = {
  timeZone: 'Europe/Paris',
  // open all week, so that the demo can be tried at any hour but the smallest
  weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 1440 }],
  dates: [{ date: '2026-12-25', name: 'Christmas Day', hours: [] }],
};

/**
 * Makes or completes the demo company. Safe to repeat, and to run beside other companies, whose built-in flows it brings up to
 * date too.
 */
export async function seedDemo(
  store: Store,
  keyring: Keyring,
  flows: readonly BuiltInFlow[],
  secrets: DemoSecrets,
): Promise<DemoSummary> {
  return store.db.transaction().execute(async (tx) => {
    const { platform, scope } = await owners(tx);
    const admin = await administrator(tx, platform, secrets);
    for (const id of await allCompanyIds(tx)) await publishBuiltIns(tx, trustedScope(id), flows);
    const users = await demoUsers(tx, keyring, scope);
    await demoDirectory(tx, scope);
    await demoNumbers(tx, scope);
    return { admin, companyId: scope.companyId, users, numbers: NUMBERS.map(({ number, what }) => ({ number, what })) };
  });
}

async function owners(db: Db): Promise<{ platform: OwnerRow; scope: CompanyScope }> {
  // one seeder at a time, whatever process it is in
  const locked = await db.selectFrom('number_block').select('type').where('type', '=', 'seed').forUpdate().execute();
  if (locked.length === 0) {
    await db
      .insertInto('number_block')
      .values({ owner_id: null, type: 'seed', next: 1 })
      .onConflict((c) => c.doNothing())
      .execute();
    await db.selectFrom('number_block').select('type').where('type', '=', 'seed').forUpdate().execute();
  }
  let platform = await findPlatform(db);
  if (!platform) {
    await createPlatform(db, { id: uuidv7(), kind: 'platform', name: 'Platform', settings: {} });
    platform = (await findPlatform(db))!;
  }
  let companyId = platform.settings.homeCompany;
  if (!companyId) {
    companyId = uuidv7();
    const settings = { language: 'en', timeZone: 'Europe/Paris', country: 'FR', currency: 'EUR' };
    await createOwner(db, platform.id, platform.id, { id: companyId, kind: 'company', name: 'Demo', settings });
    await updateOwner(db, platform.id, platform.id, { settings: { homeCompany: companyId } });
  }
  return { platform, scope: trustedScope(companyId) };
}

async function administrator(db: Db, platform: OwnerRow, kept: DemoSecrets): Promise<DemoSummary['admin']> {
  const known = (await listAccounts(db, platform.id, 0, 500)).items.find((a) => a.email === DEMO_LOGIN);
  const password = known && kept.password ? kept.password : randomPassword();
  let accountId = known?.id;
  if (!accountId) {
    accountId = uuidv7();
    const account = {
      id: accountId,
      ownerId: platform.id,
      email: DEMO_LOGIN,
      name: 'Administrator',
      role: 'platform' as const,
    };
    await createAccount(db, platform.id, { ...account, passwordHash: await hashPassword(password) });
  } else if (!kept.password) {
    // the file that kept it is gone: nobody knows the old one
    await updateAccount(db, platform.id, accountId, { passwordHash: await hashPassword(password) });
  }
  const valid = kept.apiKey !== null && (await findApiKey(db, hashToken(kept.apiKey))) !== null;
  if (valid) return { login: DEMO_LOGIN, password, apiKey: kept.apiKey! };
  const minted = mintApiKey();
  const key = { id: uuidv7(), ownerId: platform.id, accountId, name: 'demo administrator', scopes: null };
  await createApiKey(db, platform.id, { ...key, keyHash: minted.hash, prefix: minted.prefix });
  return { login: DEMO_LOGIN, password, apiKey: minted.key };
}

async function demoUsers(db: Db, keyring: Keyring, scope: CompanyScope): Promise<DemoUser[]> {
  const made: DemoUser[] = [];
  for (const { name, ...fields } of USERS) {
    const known = (await listUsers(db, scope, { after: 0, limit: 1, extension: fields.extension })).items[0];
    const user = known ?? (await createUser(db, scope, uuidv7(), fields));
    let device = (await listDevices(db, scope, user.id))[0];
    if (!device) {
      const login = { username: name, realm: SIP_REALM, secret: randomSipSecret() };
      const created = await createDevice(db, scope, {
        id: uuidv7(),
        userId: user.id,
        name: 'Demo phone',
        login: 'own',
        newLogin: {
          loginId: uuidv7(),
          username: name,
          realm: SIP_REALM,
          secret: sealSipSecret(keyring, scope.companyId, login),
        },
        most: 1,
      });
      device = created!;
    }
    const sealed = (await getDeviceSecret(db, scope, device.id))!;
    const sipPassword = keyring.openText(SIP_SEALS.secret(scope.companyId), sealed.secretEnc);
    made.push({ name, extension: user.extension, sipUser: sealed.username, sipPassword });
  }
  return made;
}

async function demoDirectory(db: Db, scope: CompanyScope): Promise<void> {
  const calendars = await listCalendars(db, scope, 0, 500);
  if (!calendars.items.some((c) => c.name === 'opening-hours'))
    await createCalendar(db, scope, uuidv7(), 'opening-hours', HOURS);
  const groups = await listRingGroups(db, scope, 0, 500);
  if (groups.items.some((g) => g.name === 'sales')) return;
  const users = await listUsers(db, scope, { after: 0, limit: 500 });
  const members = USERS.flatMap(({ extension }) =>
    users.items.filter((u) => u.extension === extension).map((u) => plainMember(u.id)),
  );
  await createRingGroup(db, scope, uuidv7(), {
    name: 'sales',
    extension: '110',
    strategy: 'all',
    memberRingMs: 20_000,
    totalRingMs: 60_000,
    members,
  });
}

async function demoNumbers(db: Db, scope: CompanyScope): Promise<void> {
  for (const { number, flow, what } of NUMBERS) {
    const known = await listNumbers(db, scope, { after: 0, limit: 1, dialled: number });
    if (known.items.length > 0) continue;
    const target = await getFlowByName(db, scope, flow);
    if (!target) continue;
    await createNumber(db, scope, uuidv7(), {
      dialled: number,
      kind: 'service',
      public: true,
      label: what.split(':')[0]!,
      destination: { type: 'flow', id: target.id },
    });
  }
}
