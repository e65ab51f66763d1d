/** Renders the texts of the built-in flows to `flows/prompts/`, and removes what no flow says any more. Run after a text changed. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderSpeech, speechFileName } from '../src/cache.ts';
import { catalogueTexts } from '../src/catalogue-texts.ts';
import { createEspeak } from '../src/espeak/espeak.provider.ts';

const dir = fileURLToPath(new URL('../../../flows/prompts/', import.meta.url));
const provider = createEspeak();
await mkdir(dir, { recursive: true });
const present = new Set((await readdir(dir)).filter((name) => name.endsWith('.wav')));
for (const request of catalogueTexts()) {
  const name = speechFileName(provider, request);
  if (present.delete(name)) continue;
  await writeFile(join(dir, name), await renderSpeech(provider, request));
  process.stdout.write(`rendered ${request.language}: ${request.text}\n`);
}
for (const name of present) await rm(join(dir, name));
await provider.close();
