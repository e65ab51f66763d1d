/** Devices and the SIP log-ins they use: their own, or the user's. Secrets come and go encrypted (`sip-secret.ts`). */
import { sql } from 'kysely';
import type { Patch } from './resource.ts';
import { type CompanyScope, type Db, inTransaction, nextNumber, type Page, page } from './scope.ts';

export const DEVICE_TYPES = ['unknown', 'reserved', 'sip', 'usb', 'dect', 'mobile'] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];

export interface DeviceFields {
  readonly type: DeviceType;
  readonly name: string;
  /** Twelve lower-case hex digits. */
  readonly mac: string | null;
  readonly model: string | null;
  /** Line of an adapter or base station. */
  readonly port: number | null;
  /** Which handset of a base station. */
  readonly handset: string | null;
  /** What a mobile device is called at. */
  readonly dialNumber: string | null;
  readonly transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss' | null;
  readonly autoAnswer: boolean;
}

export interface DeviceRow extends DeviceFields {
  readonly id: string;
  readonly number: number;
  readonly userId: string | null;
  readonly createdAt: Date;
  readonly loginId: string | null;
  /** The log-in is the user's, shared with other devices. */
  readonly sharedLogin: boolean;
  readonly username: string | null;
  readonly realm: string | null;
  readonly disabledAt: Date | null;
  readonly registered: boolean;
  /** Of the last REGISTER of its log-in. */
  readonly userAgent: string | null;
  readonly address: string | null;
  readonly lastRegisteredAt: Date | null;
}

export interface EncryptedSipSecret {
  readonly secretEnc: Buffer;
  readonly ha1Md5Enc: Buffer;
  readonly ha1Sha256Enc: Buffer;
}

/** A log-in to make with a device. */
export interface NewSipLogin {
  readonly loginId: string;
  readonly username: string;
  readonly realm: string;
  readonly secret: EncryptedSipSecret;
}

/** Which log-in a device uses: its own, the user's (made on first use), or none (a mobile). */
export type DeviceLogin = 'own' | 'user' | 'none';

export interface NewDevice extends Patch<DeviceFields> {
  readonly id: string;
  readonly userId: string;
  readonly login: DeviceLogin;
  /** Made when `login` asks for one that is not there. */
  readonly newLogin: NewSipLogin | null;
  /** Devices a user may have; the company's setting. */
  readonly most: number;
}

/** The user has as many devices as the company allows; callers compare `code`. */
export class DeviceLimit extends Error {
  readonly code = 'STO_DEVICE_LIMIT';
}

const COLUMNS: Readonly<Record<keyof DeviceFields, string>> = {
  type: 'type',
  name: 'name',
  mac: 'mac',
  model: 'model',
  port: 'port',
  handset: 'handset',
  dialNumber: 'dial_number',
  transport: 'transport',
  autoAnswer: 'auto_answer',
};

const SELECTED = sql`d.id, d.number, d.user_id as "userId", d.created_at as "createdAt", d.type, d.name, d.mac, d.model, d.port, d.handset,
  d.dial_number as "dialNumber", d.transport, d.auto_answer as "autoAnswer",
  l.id as "loginId", l.username, l.realm, l.disabled_at as "disabledAt",
  l.last_user_agent as "userAgent", l.last_address as address, l.last_registered_at as "lastRegisteredAt",
  exists (select 1 from registration r where r.sip_login_id = l.id and r.expires_at > now()) as registered,
  coalesce(u.sip_login_id = l.id, false) as "sharedLogin"`;
const FROM = sql`device d left join sip_login l on l.id = d.sip_login_id and l.company_id = d.company_id
  left join directory_user u on u.id = d.user_id`;

/** Devices of a user, in the order they ring. */
export async function listDevices(db: Db, scope: CompanyScope, userId: string): Promise<DeviceRow[]> {
  const { rows } = await sql<DeviceRow>`select ${SELECTED} from ${FROM}
    where d.company_id = ${scope.companyId} and d.user_id = ${userId} order by d.position, d.number`.execute(db);
  return rows;
}

/** All devices of the company, by number. */
export async function listCompanyDevices(
  db: Db,
  scope: CompanyScope,
  after: number,
  limit: number,
): Promise<Page<DeviceRow>> {
  const { rows } = await sql<DeviceRow>`select ${SELECTED} from ${FROM}
    where d.company_id = ${scope.companyId} and d.number > ${after} order by d.number limit ${limit + 1}`.execute(db);
  return page(rows, limit, (row) => String(row.number));
}

export async function getDevice(db: Db, scope: CompanyScope, id: string): Promise<DeviceRow | null> {
  const { rows } = await sql<DeviceRow>`select ${SELECTED} from ${FROM}
    where d.company_id = ${scope.companyId} and d.id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/**
 * A device of a user of the company; null when the user is unknown. Throws `DeviceLimit`, or 23505 on a taken log-in name or MAC
 * address. Repeating it with the same id returns what is there.
 */
export async function createDevice(db: Db, scope: CompanyScope, device: NewDevice): Promise<DeviceRow | null> {
  return inTransaction(db, async (tx) => {
    const user = await tx
      .selectFrom('directory_user')
      .select(['id', 'sip_login_id'])
      .where('id', '=', device.userId)
      .where('company_id', '=', scope.companyId)
      .where('deleted_at', 'is', null)
      // a user cannot be deleted, nor get another device, while a log-in is being made
      .forUpdate()
      .executeTakeFirst();
    if (!user) return null;
    const found = await getDevice(tx, scope, device.id);
    if (found) return found;
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from device
      where company_id = ${scope.companyId} and user_id = ${device.userId}`.execute(tx);
    if (rows[0]!.count >= device.most) throw new DeviceLimit('the user has as many devices as the company allows');
    const loginId = await loginFor(tx, scope, device, user.sip_login_id);
    const number = await nextNumber(tx, scope.companyId, 'device');
    const fields = given(device);
    await sql`insert into device (${sql.join(['id', 'company_id', 'number', 'user_id', 'sip_login_id', ...fields.map(([c]) => c)].map((c) => sql.ref(c)))})
      values (${sql.join([device.id, scope.companyId, number, device.userId, loginId, ...fields.map(([, v]) => v)])})`.execute(
      tx,
    );
    return getDevice(tx, scope, device.id);
  });
}

const given = (fields: Patch<DeviceFields>): [column: string, value: unknown][] =>
  Object.entries(COLUMNS).flatMap(([field, column]) => {
    const value = fields[field as keyof DeviceFields];
    return value === undefined ? [] : [[column, value]];
  });

async function loginFor(
  tx: Db,
  scope: CompanyScope,
  device: NewDevice,
  usersLogin: string | null,
): Promise<string | null> {
  if (device.login === 'none') return null;
  if (device.login === 'user' && usersLogin) return usersLogin;
  const login = device.newLogin;
  if (!login) return null;
  await tx
    .insertInto('sip_login')
    .values({
      id: login.loginId,
      company_id: scope.companyId,
      user_id: device.userId,
      username: login.username,
      realm: login.realm,
      secret_enc: login.secret.secretEnc,
      ha1_md5_enc: login.secret.ha1Md5Enc,
      ha1_sha256_enc: login.secret.ha1Sha256Enc,
    })
    .execute();
  if (device.login === 'user') {
    await tx
      .updateTable('directory_user')
      .set({ sip_login_id: login.loginId })
      .where('id', '=', device.userId)
      .where('company_id', '=', scope.companyId)
      .execute();
  }
  return login.loginId;
}

/** Throws 23505 on a taken MAC address; null when unknown. */
export async function updateDevice(
  db: Db,
  scope: CompanyScope,
  id: string,
  fields: Patch<DeviceFields>,
): Promise<DeviceRow | null> {
  const changes = given(fields).map(([column, value]) => sql`${sql.ref(column)} = ${value}`);
  if (changes.length > 0)
    await sql`update device set ${sql.join(changes)} where company_id = ${scope.companyId} and id = ${id}`.execute(db);
  return getDevice(db, scope, id);
}

/** The encrypted password of a device's log-in; whoever shows it writes the audit line. */
export async function getDeviceSecret(
  db: Db,
  scope: CompanyScope,
  deviceId: string,
): Promise<{ loginId: string; username: string; realm: string; secretEnc: Buffer } | null> {
  const row = await db
    .selectFrom('device')
    .innerJoin('sip_login', 'sip_login.id', 'device.sip_login_id')
    .select(['sip_login.id', 'sip_login.username', 'sip_login.realm', 'sip_login.secret_enc'])
    .where('device.id', '=', deviceId)
    .where('device.company_id', '=', scope.companyId)
    .executeTakeFirst();
  return row ? { loginId: row.id, username: row.username, realm: row.realm, secretEnc: row.secret_enc } : null;
}

/** A new password: every phone that used the old one is unregistered. False when unknown. */
export async function replaceDeviceSecret(
  db: Db,
  scope: CompanyScope,
  loginId: string,
  secret: EncryptedSipSecret,
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const changed = await tx
      .updateTable('sip_login')
      .set({ secret_enc: secret.secretEnc, ha1_md5_enc: secret.ha1Md5Enc, ha1_sha256_enc: secret.ha1Sha256Enc })
      .where('id', '=', loginId)
      .where('company_id', '=', scope.companyId)
      .returning('id')
      .executeTakeFirst();
    if (!changed) return false;
    await tx.deleteFrom('registration').where('sip_login_id', '=', loginId).execute();
    return true;
  });
}

/** Removes a device, with its log-in and bindings unless another device or the user has that log-in too. False when unknown. */
export async function deleteDevice(db: Db, scope: CompanyScope, id: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const gone = await tx
      .deleteFrom('device')
      .where('id', '=', id)
      .where('company_id', '=', scope.companyId)
      .returning('sip_login_id')
      .executeTakeFirst();
    if (!gone) return false;
    await sql`delete from sip_login l where l.id = ${gone.sip_login_id} and l.company_id = ${scope.companyId}
      and not exists (select 1 from device d where d.sip_login_id = l.id)
      and not exists (select 1 from directory_user u where u.sip_login_id = l.id and u.deleted_at is null)`.execute(tx);
    return true;
  });
}

export interface RegistrationRow {
  readonly contact: string;
  readonly received: string;
  readonly user_agent: string;
  readonly expires_at: Date;
  readonly registered_at: Date;
}

/** Live bindings of a user's log-ins. */
export async function listRegistrations(db: Db, scope: CompanyScope, userId: string): Promise<RegistrationRow[]> {
  return db
    .selectFrom('registration')
    .innerJoin('sip_login', 'sip_login.id', 'registration.sip_login_id')
    .select([
      'registration.contact',
      'registration.received',
      'registration.user_agent',
      'registration.expires_at',
      'registration.registered_at',
    ])
    .where('sip_login.company_id', '=', scope.companyId)
    .where('sip_login.user_id', '=', userId)
    .where('registration.expires_at', '>', new Date())
    .orderBy('registration.registered_at')
    .execute();
}
