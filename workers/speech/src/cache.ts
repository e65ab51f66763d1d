/** Rendered speech, named by its content's recipe: rendered once, kept in the shared media directory (design §6). */
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpeakingProvider, SpeakRequest } from './provider.ts';
import { encodeWav, normalise, resample, TELEPHONE_RATE_HZ } from './wav.ts';

/** Name of the file that a text is rendered to; the same text and voice always give the same name. */
export function speechFileName(provider: SpeakingProvider, request: SpeakRequest): string {
  const recipe = [provider.id, provider.version, request.language.toLowerCase().split('-')[0], request.text];
  return `${createHash('sha256').update(JSON.stringify(recipe)).digest('hex')}.wav`;
}

/** Renders a text as a telephone WAV. */
export async function renderSpeech(provider: SpeakingProvider, request: SpeakRequest): Promise<Buffer> {
  return encodeWav(normalise(resample(await provider.speak(request), TELEPHONE_RATE_HZ)));
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Writes whole or not at all, so that a reader never sees half a file. */
export async function writeAtomically(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

export interface SpeechCache {
  /** Absolute path of the rendered text. */
  path(request: SpeakRequest): Promise<string>;
}

/** `shippedDirs` are read first (prompts of the catalogue, rendered and committed); `dir` takes what is rendered here. */
export function createSpeechCache(options: {
  readonly provider: SpeakingProvider;
  readonly dir: string;
  readonly shippedDirs: readonly string[];
}): SpeechCache {
  const { provider, dir, shippedDirs } = options;
  const known = new Map<string, Promise<string>>();

  const find = async (request: SpeakRequest): Promise<string> => {
    const name = speechFileName(provider, request);
    const target = join(dir, name);
    if (await exists(target)) return target;
    await mkdir(dir, { recursive: true });
    for (const shipped of shippedDirs) {
      const source = join(shipped, name);
      // the media server reads below its own directory only: bring the shipped file there
      if (await exists(source)) return copyInto(source, target);
    }
    await writeAtomically(target, await renderSpeech(provider, request));
    return target;
  };

  return {
    path: (request) => {
      const name = speechFileName(provider, request);
      const running = known.get(name);
      if (running) return running;
      const started = find(request);
      known.set(name, started);
      started.catch(() => known.delete(name));
      // the map holds names of files only; bounded all the same
      if (known.size > 10_000) known.delete(known.keys().next().value!);
      return started;
    },
  };
}

async function copyInto(source: string, target: string): Promise<string> {
  await writeAtomically(target, await readFile(source));
  return target;
}
