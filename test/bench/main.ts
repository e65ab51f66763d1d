/**
 * `npm run bench [-- <name> [arguments]]`: runs `<name>.bench.ts`, or every bench of this folder one after the other. Each is a program
 * of its own that prints one JSON line per result, so that a run's figures can be kept and compared.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

const SUFFIX = '.bench.ts';
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length))
  .toSorted();

const [wanted, ...args] = process.argv.slice(2);
if (wanted !== undefined && !names.includes(wanted)) {
  process.stderr.write(`There is no bench "${wanted}": use one of ${names.join(', ')}.\n`);
  process.exit(1);
}

function run(name: string): Promise<boolean> {
  // figures of a busy machine are those of its neighbours
  process.stderr.write(`${name}: ${cpus().length} cores, load before it ${loadavg()[0]?.toFixed(1)}\n`);
  return new Promise((resolve) => {
    const script = join(import.meta.dirname, `${name}${SUFFIX}`);
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
      stdio: 'inherit',
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

for (const name of wanted === undefined ? names : [wanted]) {
  if (!(await run(name))) process.exitCode = 1;
}
