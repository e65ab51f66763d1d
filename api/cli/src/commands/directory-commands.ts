/** `users` and `numbers`. */
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import { type Output, table } from '../output.ts';

interface UserView {
  readonly id: string;
  readonly extension: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly registered: boolean;
}

export async function listUsers(api: Api, out: Output): Promise<void> {
  const users = await api.all<UserView>('/users');
  out.show(users, () =>
    table([
      ['EXTENSION', 'NAME', 'REGISTERED', 'ID'],
      ...users.map((u) => [u.extension, `${u.givenName} ${u.familyName}`.trim(), u.registered ? 'yes' : 'no', u.id]),
    ]),
  );
}

/** Makes a user with a phone and shows its log-in. */
export async function addUser(api: Api, out: Output, extension: string, name: string): Promise<void> {
  const [givenName = '', ...rest] = name.split(' ').filter(Boolean);
  const user = await api.ask<UserView>('POST', '/users', {
    body: { extension, givenName, familyName: rest.join(' ') },
  });
  const device = await api.ask<{ id: string }>('POST', `/users/${user.id}/devices`, { body: {} });
  const login = await api.ask<{ username: string; password: string }>('GET', `/devices/${device.id}/secret`);
  out.show({ user, device, login }, () => [
    `user ${extension} made`,
    `SIP user name ${login.username}`,
    `SIP password  ${login.password}`,
  ]);
}

/** Shows the SIP log-ins of a user; leaves lines in the audit log. */
export async function showLogins(api: Api, out: Output, extension: string): Promise<void> {
  const [user] = await api.all<UserView>('/users', { extension });
  if (!user)
    throw new CliError(
      'CLI_NOT_FOUND',
      `There is no user with the extension ${extension}: "callwright users" lists them.`,
    );
  const { items } = await api.ask<{ items: { id: string; name: string }[] }>('GET', `/users/${user.id}/devices`);
  const logins: { device: string; username: string; realm: string; password: string }[] = [];
  for (const { id, name } of items) {
    const secret = await api.ask<{ username: string; realm: string; password: string }>('GET', `/devices/${id}/secret`);
    logins.push({ device: name, ...secret });
  }
  out.show(logins, () =>
    table([['DEVICE', 'SIP USER', 'SIP PASSWORD'], ...logins.map((l) => [l.device, l.username, l.password])]),
  );
}

interface NumberView {
  readonly id: string;
  readonly dialled: string;
  readonly public: boolean;
  readonly label: string;
  readonly destination: { readonly type: string; readonly id: string } | null;
}

export async function listNumbers(api: Api, out: Output): Promise<void> {
  const [numbers, flows, groups, users] = await Promise.all([
    api.all<NumberView>('/numbers'),
    api.all<{ id: string; name: string }>('/flows'),
    api.all<{ id: string; name: string }>('/ring-groups'),
    api.all<UserView>('/users'),
  ]);
  const names = new Map([...flows, ...groups].map(({ id, name }) => [id, name]));
  for (const { id, extension } of users) names.set(id, extension);
  out.show(numbers, () =>
    table([
      ['NUMBER', 'LEADS TO', 'PUBLIC', 'LABEL'],
      ...numbers.map((n) => [
        n.dialled,
        n.destination ? `${n.destination.type} ${names.get(n.destination.id) ?? n.destination.id}` : 'nothing',
        n.public ? 'yes' : 'no',
        n.label,
      ]),
    ]),
  );
}
