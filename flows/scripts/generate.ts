/**
 * Writes each flow of the catalogue as `flow.json` beside its TypeScript, and the JSON Schema of flow files. `--check` compares instead; a test keeps both the same.
 * Run: `node flows/scripts/generate.ts [--check]`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flowFileSchema } from '@callwright/engine';
import { catalogue } from '../index.ts';

/** Every generated file of the catalogue with its content. */
export function generatedFiles(): { readonly path: string; readonly content: string }[] {
  const schema = {
    path: join(import.meta.dirname, '..', 'flow.schema.json'),
    content: `${JSON.stringify(flowFileSchema(), null, 2)}\n`,
  };
  const flows = Object.entries(catalogue).map(([name, document]) => ({
    path: join(import.meta.dirname, '..', name, 'flow.json'),
    content: `${JSON.stringify({ document }, null, 2)}\n`,
  }));
  return [...flows, schema];
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  for (const { path, content } of generatedFiles()) {
    if (!check) writeFileSync(path, content);
    else if (readFileSync(path, 'utf8') !== content) {
      console.error(`${path} is stale: run node flows/scripts/generate.ts`);
      process.exitCode = 1;
    }
  }
}
