/** Migrations, master key and demo company: done by a process of its own, so that the supervisor stays small. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { progress } from './console.ts';
import { StartError } from './errors.ts';
import { environment, type Wiring } from './processes.ts';

/** What the ready block tells of the demo company. */
export interface DemoSummary {
  readonly admin: { readonly login: string; readonly password: string };
  readonly users: readonly {
    readonly name: string;
    readonly extension: string;
    readonly sipUser: string;
    readonly sipPassword: string;
  }[];
  readonly numbers: readonly { readonly number: string; readonly what: string }[];
}

const TIMEOUT_MS = 120_000;

/** Runs `prepare-store.ts`. Throws `STA_NOT_READY` with what it said. */
export async function prepareStore(wiring: Wiring): Promise<DemoSummary> {
  const done = progress('preparing the database');
  const script = fileURLToPath(new URL('./prepare-store.ts', import.meta.url));
  try {
    return JSON.parse(await output(script, environment(wiring))) as DemoSummary;
  } finally {
    done();
  }
}

function output(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err = (err + chunk).slice(-4_000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else
        reject(
          new StartError('STA_NOT_READY', `The database could not be prepared: ${err.trim() || `exit code ${code}`}`),
        );
    });
  });
}
