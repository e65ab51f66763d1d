/**
 * What `npm start`, `npm test` and the other root scripts run: brings the pinned Node and pnpm, installs the workspace when its
 * lockfile changed, then runs the command under that Node. Node built-ins only, and nothing newer than Node 20.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE = '24.9.0';
const PNPM = '12.21.0';
const root = fileURLToPath(new URL('../..', import.meta.url));

const COMMANDS = {
  start: 'workers/start/src/main.ts',
  test: 'workers/start/src/commands/test.ts',
  check: 'workers/start/src/commands/check.ts',
  bench: 'test/bench/main.ts',
  cli: 'api/cli/src/main.ts',
  // of the command line too, but they work on the database itself
  backup: 'workers/start/src/backup/main.ts',
  scaffold: 'workers/start/src/commands/scaffold.ts',
};

/** A reason to stop that the person at the terminal can act on. */
class Stop extends Error {}

/** Standard error, so that a command's own output can be piped. */
function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Says what is going on once it takes longer than two seconds, then every ten. */
function progress(text) {
  const since = Date.now();
  const tell = () => say(`${text} … ${Math.round((Date.now() - since) / 1000)} s`);
  const first = setTimeout(tell, 2_000);
  const rest = setInterval(tell, 10_000);
  return () => {
    clearTimeout(first);
    clearInterval(rest);
  };
}

/** Runs to the end; throws `Stop` with the last lines it said and the remedy. */
function run(text, remedy, command, args, options) {
  const done = progress(text);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output = (output + chunk).slice(-4_000)));
    const fail = (why) => reject(new Stop(`${text} failed: ${why}\n${remedy}`));
    child.on('error', (error) => fail(error.message));
    child.on('close', (code) => (code === 0 ? resolve() : fail(output.trim().split('\n').slice(-12).join('\n'))));
  }).finally(done);
}

function checkMachine() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    throw new Stop(
      `Node ${process.versions.node} is too old: install Node 20 or newer (https://nodejs.org) and try again.`,
    );
  if (process.platform === 'win32') throw new Stop('Callwright runs on Linux and macOS. On Windows, use WSL 2.');
}

/** npm tells its scripts about the checkout; a second npm or pnpm must not take that for its own settings. */
function cleanEnvironment() {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (
      /^npm_(package|lifecycle|command)|^npm_config_(local_prefix|prefix|global_prefix|node_gyp|user_agent|npm_version)$/.test(
        name,
      )
    )
      delete env[name];
  }
  return env;
}

/** Directory of the `node` and `pnpm` commands; fetched once per machine and user. */
async function tools() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'callwright');
  const directory = join(cache, `tools-node-${NODE}-pnpm-${PNPM}`);
  const bin = join(directory, 'node_modules', '.bin');
  if (works(bin)) return bin;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'tools-'));
  try {
    writeFileSync(join(draft, 'package.json'), '{ "private": true }\n');
    // the package `node` fetches these in an install script; taken directly, they need none
    const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
    await install(
      draft,
      [`${prefix}-${process.platform}-${process.arch}@${NODE}`, `pnpm@${PNPM}`],
      ['--ignore-scripts'],
    ).catch(() => install(draft, [`node@${NODE}`, `pnpm@${PNPM}`], []));
    if (!works(join(draft, 'node_modules', '.bin'))) {
      throw new Stop(`Node ${NODE} from npm does not run on this machine (${process.platform} ${process.arch}).`);
    }
    place(draft, directory, bin);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return bin;
}

function install(directory, packages, flags) {
  const args = [
    'install',
    '--prefix',
    directory,
    '--no-save',
    '--no-fund',
    '--no-audit',
    '--loglevel=error',
    ...flags,
    ...packages,
  ];
  const remedy = 'Check that this machine reaches the npm registry (npm ping), then try again.';
  const npm = process.env.npm_execpath;
  const [command, all] = npm ? [process.execPath, [npm, ...args]] : ['npm', args];
  return run(`fetching Node ${NODE} and pnpm ${PNPM}`, remedy, command, all, {
    cwd: directory,
    env: cleanEnvironment(),
  });
}

/** Another start may have placed the same tools meanwhile: either copy will do. */
function place(draft, directory, bin) {
  try {
    renameSync(draft, directory);
  } catch (error) {
    if (works(bin)) return;
    // left by a start that was killed, or of a machine with another architecture
    rmSync(directory, { recursive: true, force: true });
    renameSync(draft, directory);
    if (!works(bin)) throw error;
  }
}

function works(bin) {
  if (!existsSync(join(bin, 'node'))) return false;
  const env = { ...cleanEnvironment(), PATH: `${bin}${delimiter}${process.env.PATH}` };
  const said = (tool) =>
    spawnSync(join(bin, tool), ['--version'], { encoding: 'utf8', env, cwd: dirname(bin) }).stdout?.trim();
  return said('node') === `v${NODE}` && said('pnpm') === PNPM;
}

/** Installs the workspace unless the lockfile is the one it was last installed from. */
async function workspace(bin) {
  const stamp = join(root, 'node_modules', '.callwright-installed');
  const hash = createHash('sha256').update(NODE);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'])
    hash.update(readFileSync(join(root, file)));
  const wanted = hash.digest('hex');
  const isCurrent = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isCurrent()) return;
  const release = await lock(join(root, '.cache', 'install.lock'));
  try {
    if (isCurrent()) return;
    const env = { ...cleanEnvironment(), CI: '1', PATH: `${bin}${delimiter}${process.env.PATH}` };
    const remedy =
      'If package.json was changed by hand, update pnpm-lock.yaml too; otherwise check that this machine reaches the npm registry.';
    await run('installing the packages', remedy, join(bin, 'pnpm'), ['install', '--frozen-lockfile'], {
      cwd: root,
      env,
    });
    writeFileSync(stamp, wanted);
  } finally {
    release();
  }
}

async function lock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const done = progress('waiting for another installation in this checkout');
  try {
    for (;;) {
      try {
        writeFileSync(path, String(process.pid), { flag: 'wx' });
        return () => rmSync(path, { force: true });
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const owner = Number(existsSync(path) ? readFileSync(path, 'utf8') : '');
      if (owner && !isAlive(owner)) rmSync(path, { force: true });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    done();
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs the command and ends as it ends. Signals are passed on; the channel tells the supervisor when this process is killed. */
function execute(bin, command, args) {
  const script = COMMANDS[command === 'cli' && ['backup', 'restore'].includes(args[0]) ? 'backup' : command];
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`,
  };
  const child = spawn(join(bin, 'node'), ['--disable-warning=ExperimentalWarning', join(root, script), ...args], {
    // file names in arguments are relative to where the person is
    cwd: command === 'cli' ? (process.env.INIT_CWD ?? process.cwd()) : root,
    env,
    stdio: ['inherit', 'inherit', 'inherit', ...(command === 'start' ? ['ipc'] : [])],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  whenOrphaned(() => child.kill('SIGTERM'));
  child.on('error', (error) => {
    say(error.message);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}

/** npm ends on a signal that its shell does not pass on to us: that our parent is gone is all we learn. */
function whenOrphaned(act) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, 250);
  timer.unref();
}

async function main([command, ...args]) {
  if (!COMMANDS[command])
    throw new Stop(`Unknown command "${command ?? ''}": use one of ${Object.keys(COMMANDS).join(', ')}.`);
  checkMachine();
  const bin = await tools();
  await workspace(bin);
  execute(bin, command, args);
}

main(process.argv.slice(2)).catch((error) => {
  say(error instanceof Stop ? error.message : error.stack);
  process.exitCode = 1;
});
