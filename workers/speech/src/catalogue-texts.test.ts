import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { speechFileName } from './cache.ts';
import { catalogueTexts } from './catalogue-texts.ts';
import { createEspeak } from './espeak/espeak.provider.ts';
import { SHIPPED_PROMPTS_DIR } from './shipped.ts';
import { decodeWav, durationMs } from './wav.ts';

describe('prompts of the catalogue', () => {
  it('are rendered and committed: each text has its file, each file its text (node workers/speech/scripts/render-catalogue.ts)', async () => {
    const wanted = catalogueTexts().map((request) => speechFileName(createEspeak(), request));
    const present = (await readdir(SHIPPED_PROMPTS_DIR)).filter((name) => name.endsWith('.wav'));
    expect(present.toSorted()).toEqual(wanted.toSorted());
    expect(wanted.length).toBeGreaterThan(10);
  });

  it('are telephone WAVs of a natural length', async () => {
    for (const request of catalogueTexts()) {
      const pcm = decodeWav(await readFile(join(SHIPPED_PROMPTS_DIR, speechFileName(createEspeak(), request))));
      expect(pcm.sampleRateHz).toBe(8000);
      expect(durationMs(pcm) / request.text.length).toBeGreaterThan(20);
    }
  });

  it('come in both languages wherever one is offered', () => {
    const languages = new Set(catalogueTexts().map(({ language }) => language));
    expect([...languages]).toEqual(expect.arrayContaining(['en', 'fr']));
  });
});
