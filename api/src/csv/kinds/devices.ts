/**
 * Devices by their MAC address and handset, else by user and name. Passwords neither come nor go by file: a new device gets a log-in of
 * its own, whose name the file may give.
 */
import { NewDevice } from '@callwright/api-contract';
import {
  type DeviceRow,
  getUser,
  listCompanyDevices,
  listDevices,
  listUsers,
  updateDevice,
  uuidv7,
} from '@callwright/store';
import { makeDevice } from '../../devices/make-device.ts';
import { booleanCell, checked, defined, integerCell, textOrNull, yes } from '../cells.ts';
import { type CsvKind, type Importing, RowRefused } from '../csv-kind.ts';
import { allPages } from '../export-csv.ts';

type Values = Readonly<Record<string, string>>;

async function userOf({ db, company }: Importing, extension: string) {
  const user = (await listUsers(db, company, { after: 0, limit: 1, extension })).items[0];
  if (!user) throw new RowRefused([{ column: 'user', message: 'is no extension of a user' }]);
  return user;
}

async function knownDevice(
  { db, company }: Importing,
  userId: string,
  { mac, handset, name }: { readonly mac: string | null; readonly handset: string | null; readonly name: string },
): Promise<DeviceRow | undefined> {
  const own = await listDevices(db, company, userId);
  if (mac === null) return own.find((device) => device.mac === null && device.name === name);
  const same = (device: DeviceRow) => device.mac === mac && device.handset === handset;
  const mine = own.find(same);
  if (mine) return mine;
  for await (const device of allPages((after, limit) => listCompanyDevices(db, company, after, limit)))
    if (same(device)) throw new RowRefused([{ column: 'mac', message: 'is the device of another user' }]);
  return undefined;
}

const bodyOf = (values: Values) =>
  defined({
    name: values.name,
    type: values.type || undefined,
    // as people write it: with colons, dashes, in capitals
    mac: values.mac === undefined ? undefined : values.mac.replace(/[^0-9A-Za-z]/g, '').toLowerCase() || null,
    model: textOrNull(values, 'model'),
    port: values.port === '' ? null : integerCell(values, 'port'),
    handset: textOrNull(values, 'handset'),
    dialNumber: textOrNull(values, 'dialNumber'),
    transport: textOrNull(values, 'transport'),
    autoAnswer: booleanCell(values, 'autoAnswer'),
    login: values.login || undefined,
    username: values.username || undefined,
  });

export const devices: CsvKind = {
  columns: [
    'user',
    'name',
    'type',
    'mac',
    'model',
    'port',
    'handset',
    'dialNumber',
    'transport',
    'autoAnswer',
    'login',
    'username',
  ],
  required: ['user'],
  save: async (importing, values) => {
    const { db, company, keyring } = importing;
    const body = bodyOf(values);
    const whole = checked(NewDevice, body);
    const user = await userOf(importing, values.user!);
    const known = await knownDevice(importing, user.id, whole);
    if (!known) {
      await makeDevice(db, keyring, company, { ...whole, id: uuidv7(), user });
      return 'created';
    }
    if (body.username !== undefined && body.username !== known.username)
      throw new RowRefused([{ column: 'username', message: 'is given once: the device has another' }]);
    // a device keeps the log-in it was made with
    const { login: _login, username: _username, ...fields } = whole;
    await updateDevice(db, company, known.id, Object.fromEntries(Object.entries(fields).filter(([n]) => n in body)));
    return 'updated';
  },
  rows: async function* (db, company) {
    for await (const d of allPages((after, limit) => listCompanyDevices(db, company, after, limit))) {
      const user = d.userId === null ? null : await getUser(db, company, d.userId);
      if (!user) continue;
      yield [
        user.extension,
        d.name,
        d.type,
        d.mac,
        d.model,
        d.port === null ? null : String(d.port),
        d.handset,
        d.dialNumber,
        d.transport,
        yes(d.autoAnswer),
        d.loginId === null ? 'none' : d.sharedLogin ? 'user' : 'own',
        d.username,
      ];
    }
  },
};
