/** `npm run scaffold -- <recipe> <name>`. */

import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { scaffold } from '../scaffold/scaffold.ts';
import { ROOT } from './steps.ts';

const [recipe = '', name = ''] = process.argv.slice(2);
try {
  const { files, next } = scaffold(ROOT, recipe, name);
  // names differ in length, and so do the lines they stand in
  spawnSync('biome', ['check', '--write', ...files], { cwd: ROOT, stdio: 'ignore' });
  process.stdout.write(
    `${files.map((file) => relative(ROOT, file)).join('\n')}\n\nnext:\n${next.map((line) => `  ${line}`).join('\n')}\n`,
  );
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
