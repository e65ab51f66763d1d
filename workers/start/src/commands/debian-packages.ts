/** Debian packages of the end-to-end tests: real SIP clients, the means to look at what they heard, and a browser. */
import { spawn, spawnSync } from 'node:child_process';
import { progress, say } from '../console.ts';

/** Package by the command it brings. */
const PACKAGES: Readonly<Record<string, string>> = {
  sipp: 'sip-tester',
  baresip: 'baresip',
  tcpdump: 'tcpdump',
  sox: 'sox',
  chromium: 'chromium',
};

const TIMEOUT_MS = 5 * 60_000;

/** Installs what is missing when root on a Debian-like system; else says which tests will be skipped. Never throws. */
export async function installTestTools(): Promise<void> {
  const missing = Object.keys(PACKAGES).filter((command) => !exists(command));
  if (missing.length === 0) return;
  const packages = missing.map((command) => PACKAGES[command] ?? command);
  const without = `The tests that need ${missing.join(', ')} are skipped.`;
  if (process.getuid?.() !== 0 || !exists('apt-get')) {
    say(`${without} To run them: sudo apt-get install ${packages.join(' ')}`);
    return;
  }
  const done = progress(`installing the Debian packages ${packages.join(', ')} for the end-to-end tests`);
  try {
    await apt(['update', '--quiet']).catch(() => {});
    await apt(['install', '--quiet', '--yes', '--no-install-recommends', ...packages]);
  } catch (error) {
    say(`${(error as Error).message} ${without}`);
  } finally {
    done();
  }
}

function exists(command: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', command], { stdio: 'ignore' }).status === 0;
}

function apt(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('apt-get', args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: TIMEOUT_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-500);
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`apt-get ${args[0]} failed: ${said.trim()}`)),
    );
  });
}
