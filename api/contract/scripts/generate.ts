/** Writes `docs/errors.md` from the error catalogue; `--check` compares instead. Run: `node api/contract/scripts/generate.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorPage } from '../src/errors.ts';

const path = resolve(import.meta.dirname, '../../../docs/errors.md');
if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') !== errorPage()) {
    process.stderr.write('docs/errors.md is stale: run node api/contract/scripts/generate.ts\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, errorPage());
}
