/** Making a device with its SIP log-in, by the API and by a file. */
import { randomBytes } from 'node:crypto';
import {
  type CompanyScope,
  createDevice,
  type Db,
  type DeviceFields,
  type DeviceLogin,
  type DeviceRow,
  type Keyring,
  type NewSipLogin,
  randomSipSecret,
  SIP_REALM,
  sealSipSecret,
  settingsOfCompany,
  uuidv7,
} from '@callwright/store';

/** Devices of a user whose company says nothing. */
const DEVICES_A_USER = 10;

export interface WantedDevice extends Partial<DeviceFields> {
  readonly id: string;
  readonly user: { readonly id: string; readonly extension: string };
  /** Default: its own, none for a mobile. */
  readonly login?: DeviceLogin | undefined;
  /** Of the log-in; default: made up. */
  readonly username?: string | undefined;
}

const madeUpUsername = (extension: string): string =>
  `u${extension.replace(/[^0-9]/g, '')}-${randomBytes(4).toString('hex')}`;

function newLogin(keyring: Keyring, companyId: string, username: string): NewSipLogin {
  const secret = sealSipSecret(keyring, companyId, { username, realm: SIP_REALM, secret: randomSipSecret() });
  return { loginId: uuidv7(), username, realm: SIP_REALM, secret };
}

/** Null when the user is unknown. Throws `DeviceLimit`, and 23505 on a taken log-in name or MAC address. Repeatable by id. */
export async function makeDevice(
  db: Db,
  keyring: Keyring,
  company: CompanyScope,
  { id, user, login, username, ...fields }: WantedDevice,
): Promise<DeviceRow | null> {
  const { devicesPerUser } = await settingsOfCompany(db, company);
  return createDevice(db, company, {
    ...fields,
    id,
    userId: user.id,
    login: login ?? (fields.type === 'mobile' ? 'none' : 'own'),
    newLogin: newLogin(keyring, company.companyId, username ?? madeUpUsername(user.extension)),
    most: devicesPerUser ?? DEVICES_A_USER,
  });
}
