/** `npm start`: runs until Ctrl-C or SIGTERM. */
import { fileURLToPath } from 'node:url';
import { say } from './console.ts';
import { buildPages } from './console-build.ts';
import { readyBlock } from './ready-block.ts';
import { readSettings } from './settings.ts';
import { Supervisor } from './supervisor.ts';

/** One key press may arrive twice: from the terminal and passed on by npm. */
const SAME_PRESS_MS = 500;

const root = fileURLToPath(new URL('../../..', import.meta.url));
let supervisor: Supervisor | undefined;
let stoppingSince = 0;

async function stop(why: string): Promise<void> {
  if (stoppingSince) {
    if (Date.now() - stoppingSince < SAME_PRESS_MS || why === 'lost') return;
    say('forced: ending everything at once');
    supervisor?.kill();
    process.exit(1);
  }
  stoppingSince = Date.now();
  say('stopping (again to force)');
  await supervisor?.stop();
  say('stopped');
  process.exit(0);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(signal));
// the bootstrap was killed: nobody could stop us by Ctrl-C any more
process.on('disconnect', () => void stop('lost'));

try {
  supervisor = new Supervisor(readSettings(process.env, root));
  const [running] = await Promise.all([supervisor.start(), buildPages(root, say)]);
  process.stdout.write(`\n${readyBlock(running)}\n`);
} catch (error) {
  if (!stoppingSince) {
    stoppingSince = Date.now();
    process.stderr.write(`\n${(error as Error).message}\n`);
    if (!(error as { code?: string }).code) process.stderr.write(`${(error as Error).stack}\n`);
    await supervisor?.stop();
    process.exit(1);
  }
}
