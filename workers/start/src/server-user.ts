/** PostgreSQL refuses to run as root: under root it runs as the user `postgres`, made when missing. */
import { execFileSync, spawnSync } from 'node:child_process';
import { StartError } from './errors.ts';

export interface ServerUser {
  /** Identity to spawn with; unset when the command changes it by itself. */
  readonly uid?: number;
  readonly gid?: number;
  /** Who must own the files; unset: whoever runs the start command. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Command and arguments that run `program` as that user. */
  command(program: string): string;
  args(program: string, args: readonly string[]): readonly string[];
}

const SAME_USER: ServerUser = { command: (program) => program, args: (_program, args) => args };
const USER = 'postgres';

/**
 * Who runs a program that must not be root, where it must enter `directory` and execute `program`. When that user may not enter
 * them (a checkout below /root), the program gets the one capability that lets it. Throws `STA_POSTGRES` with the remedies.
 */
export function wrapForUser(directory: string, program: string): ServerUser {
  if (process.getuid?.() !== 0) return SAME_USER;
  const { uid, gid } = findUser() ?? createUser();
  const plain: ServerUser = { ...SAME_USER, uid, gid, owner: { uid, gid } };
  if (canEnter(plain, directory, program)) return plain;
  for (const capability of ['dac_read_search', 'dac_override']) {
    const capable = withCapability(uid, gid, capability);
    if (canEnter(capable, directory, program)) return capable;
  }
  throw new StartError(
    'STA_POSTGRES',
    `PostgreSQL must not run as root, and its user "${USER}" cannot enter ${directory}. ` +
      'Put the checkout and CALLWRIGHT_DATA_DIR where every user may enter (such as /opt), start as another user, or set DATABASE_URL.',
  );
}

function findUser(): { uid: number; gid: number } | undefined {
  const ask = (flag: string) => spawnSync('id', [flag, USER], { encoding: 'utf8' });
  const [uid, gid] = [ask('-u'), ask('-g')];
  if (uid.status !== 0 || gid.status !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

function createUser(): { uid: number; gid: number } {
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', USER], {
      stdio: 'pipe',
    });
  } catch {
    // Alpine and BusyBox know adduser only
    spawnSync('addgroup', ['-S', USER]);
    spawnSync('adduser', ['-S', '-D', '-H', '-G', USER, USER]);
  }
  const user = findUser();
  if (user) return user;
  throw new StartError(
    'STA_POSTGRES',
    `PostgreSQL must not run as root, and the user "${USER}" could not be made. Start as another user, or set DATABASE_URL.`,
  );
}

function withCapability(uid: number, gid: number, capability: string): ServerUser {
  const wrap = [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--inh-caps=+${capability}`,
    `--ambient-caps=+${capability}`,
    '--',
  ];
  return { command: () => 'setpriv', args: (program, args) => [...wrap, program, ...args], owner: { uid, gid } };
}

function canEnter(user: ServerUser, directory: string, program: string): boolean {
  const test = ['-c', 'cd "$1" && "$2" --version', 'sh', directory, program];
  const result = spawnSync(user.command('/bin/sh'), user.args('/bin/sh', test), {
    uid: user.uid,
    gid: user.gid,
    cwd: '/',
    stdio: 'ignore',
  });
  return result.status === 0;
}
