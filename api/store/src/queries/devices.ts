/** Devices and their SIP log-ins. Secrets come and go encrypted (`sip-secret.ts`). */
import { type CompanyScope, type Db, inTransaction, nextNumber } from './scope.ts';

export interface DeviceRow {
  readonly id: string;
  readonly number: number;
  readonly user_id: string | null;
  readonly type: string;
  readonly name: string;
  readonly mac: string | null;
  readonly model: string | null;
  readonly auto_answer: boolean;
  readonly created_at: Date;
  readonly login_id: string | null;
  readonly username: string | null;
  readonly realm: string | null;
  readonly disabled_at: Date | null;
}

export interface EncryptedSipSecret {
  readonly secretEnc: Buffer;
  readonly ha1Md5Enc: Buffer;
  readonly ha1Sha256Enc: Buffer;
}

export interface NewDevice {
  readonly id: string;
  readonly loginId: string;
  readonly userId: string;
  readonly name: string;
  readonly mac: string | null;
  readonly model: string | null;
  readonly autoAnswer: boolean;
  readonly username: string;
  readonly realm: string;
  readonly secret: EncryptedSipSecret;
}

function selectDevices(db: Db, scope: CompanyScope) {
  return db
    .selectFrom('device')
    .leftJoin('sip_login', 'sip_login.id', 'device.sip_login_id')
    .select([
      'device.id',
      'device.number',
      'device.user_id',
      'device.type',
      'device.name',
      'device.mac',
      'device.model',
      'device.auto_answer',
      'device.created_at',
      'sip_login.id as login_id',
      'sip_login.username',
      'sip_login.realm',
      'sip_login.disabled_at',
    ])
    .where('device.company_id', '=', scope.companyId);
}

export async function listDevices(db: Db, scope: CompanyScope, userId: string): Promise<DeviceRow[]> {
  return selectDevices(db, scope).where('device.user_id', '=', userId).orderBy('device.number').execute();
}

export async function getDevice(db: Db, scope: CompanyScope, id: string): Promise<DeviceRow | null> {
  return (await selectDevices(db, scope).where('device.id', '=', id).executeTakeFirst()) ?? null;
}

/** A device with a log-in of its own for a user of the company; null when the user is unknown. Throws 23505 on a taken log-in name. */
export async function createDevice(db: Db, scope: CompanyScope, device: NewDevice): Promise<DeviceRow | null> {
  return inTransaction(db, async (tx) => {
    const user = await tx
      .selectFrom('directory_user')
      .select('id')
      .where('id', '=', device.userId)
      .where('company_id', '=', scope.companyId)
      .where('deleted_at', 'is', null)
      // a user cannot be deleted while a log-in is being made
      .forShare()
      .executeTakeFirst();
    if (!user) return null;
    const found = await getDevice(tx, scope, device.id);
    if (found) return found;
    await tx
      .insertInto('sip_login')
      .values({
        id: device.loginId,
        company_id: scope.companyId,
        user_id: device.userId,
        username: device.username,
        realm: device.realm,
        secret_enc: device.secret.secretEnc,
        ha1_md5_enc: device.secret.ha1Md5Enc,
        ha1_sha256_enc: device.secret.ha1Sha256Enc,
      })
      .execute();
    await tx
      .insertInto('device')
      .values({
        id: device.id,
        company_id: scope.companyId,
        number: await nextNumber(tx, scope.companyId, 'device'),
        user_id: device.userId,
        sip_login_id: device.loginId,
        name: device.name,
        mac: device.mac,
        model: device.model,
        auto_answer: device.autoAnswer,
      })
      .execute();
    return getDevice(tx, scope, device.id);
  });
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

/** Removes a device with its log-in and bindings. False when unknown. */
export async function deleteDevice(db: Db, scope: CompanyScope, id: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const gone = await tx
      .deleteFrom('device')
      .where('id', '=', id)
      .where('company_id', '=', scope.companyId)
      .returning('sip_login_id')
      .executeTakeFirst();
    if (!gone) return false;
    if (gone.sip_login_id) {
      await tx
        .deleteFrom('sip_login')
        .where('id', '=', gone.sip_login_id)
        .where('company_id', '=', scope.companyId)
        .execute();
    }
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
