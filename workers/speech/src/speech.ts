/** Prompt items to what a media server plays: paths of WAV files and `tone_stream://` / `silence_stream://` strings. */
import { randomUUID } from 'node:crypto';
import { access, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PromptItem } from '@callwright/engine';
import { createSpeechCache, renderSpeech, writeAtomically } from './cache.ts';
import { SpeechError } from './errors.ts';
import type { SpeakingProvider } from './provider.ts';
import { type ValueContext, type ValueItem, valueTexts } from './values/value-text.ts';

export interface SpeechContext extends ValueContext {
  readonly companyId: string;
}

export interface SpeechOptions {
  readonly provider: SpeakingProvider;
  /** Root that telephony and the media server share (`CALLWRIGHT_MEDIA_DIR`). */
  readonly mediaDir: string;
  /** Directories with rendered speech that came with the product. */
  readonly shippedDirs: readonly string[];
  /** Bytes of uploaded audio (telephone WAV) by content hash; null when unknown. */
  loadAudio(companyId: string, hash: string): Promise<Buffer | null>;
  /** Content hash of an audio name that is not pinned by a revision; null when unknown. */
  audioHash(companyId: string, name: string): Promise<string | null>;
  /** Where a recording of a company lies; absent = none can be played. */
  recordingPath?(companyId: string, id: string): string;
  /** How long a file with a personal value is kept after it was made. */
  readonly privateFileMs?: number;
}

export interface Speech {
  /**
   * In play order. Rejects with `SPE_AUDIO`, `SPE_LANGUAGE`, `SPE_TEXT` or `SPE_VALUE` (author's), `SPE_TIMEOUT` or
   * `SPE_PROVIDER` (ours).
   */
  resolve(items: readonly PromptItem[], context: SpeechContext): Promise<string[]>;
  close(): Promise<void>;
}

const PRIVATE_FILE_MS = 10 * 60_000;

export function createSpeech(options: SpeechOptions): Speech {
  const { provider, mediaDir } = options;
  const cache = createSpeechCache({ provider, dir: join(mediaDir, 'speech'), shippedDirs: options.shippedDirs });
  // one per process: closing removes it whole
  const privateDir = join(mediaDir, 'private', randomUUID());
  const timers = new Set<NodeJS.Timeout>();

  const say = (text: string, language: string): Promise<string> => cache.path({ text, language });

  /** A personal value leaves no trace in the cache: its file is removed once it was played. */
  const sayPrivately = async (text: string, language: string): Promise<string> => {
    await mkdir(privateDir, { recursive: true, mode: 0o700 });
    const path = join(privateDir, `${randomUUID()}.wav`);
    await writeAtomically(path, await renderSpeech(provider, { text, language }));
    const timer = setTimeout(() => {
      timers.delete(timer);
      rm(path, { force: true }).catch(() => {});
    }, options.privateFileMs ?? PRIVATE_FILE_MS);
    timer.unref();
    timers.add(timer);
    return path;
  };

  const value = (item: ValueItem, context: SpeechContext): Promise<string[]> => {
    const language = item.language ?? context.language;
    const texts = valueTexts(item, context);
    const keep = !item.pii || item.as === 'digits';
    return Promise.all(texts.map((text) => (keep ? say(text, language) : sayPrivately(text, language))));
  };

  const one = async (item: PromptItem, context: SpeechContext): Promise<string[]> => {
    switch (item.type) {
      case 'audio':
        return [await audioPath(options, item, context.companyId)];
      case 'text':
        return [await say(item.text, item.language ?? context.language)];
      case 'recording':
        return [await recordingPath(options, item.id, context.companyId)];
      case 'tone':
        return [toneStream(item)];
      case 'silence':
        return [`silence_stream://${item.ms}`];
      case 'value':
        return value(item, context);
    }
  };

  return {
    resolve: async (items, context) => (await Promise.all(items.map((item) => one(item, context)))).flat(),
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      // what is left of personal values goes with us
      await rm(privateDir, { recursive: true, force: true });
      await provider.close();
    },
  };
}

/** FreeSWITCH's tone generation syntax: `%(on,off,frequency…)`, repeated by `loops`. */
function toneStream(item: Extract<PromptItem, { type: 'tone' }>): string {
  const loops = item.repeat > 1 ? `;loops=${item.repeat}` : '';
  return `tone_stream://%(${item.onMs},${item.offMs},${item.frequenciesHz.join(',')})${loops}`;
}

/** A recording of the company, if it is there. */
async function recordingPath(options: SpeechOptions, id: string, companyId: string): Promise<string> {
  const path = options.recordingPath?.(companyId, id) ?? null;
  const there =
    path !== null &&
    (await access(path).then(
      () => true,
      () => false,
    ));
  if (!there) throw new SpeechError('SPE_AUDIO', id);
  return path;
}

async function audioPath(
  options: SpeechOptions,
  item: Extract<PromptItem, { type: 'audio' }>,
  companyId: string,
): Promise<string> {
  const hash = item.hash ?? (await options.audioHash(companyId, item.name));
  if (!hash || !/^[0-9a-f]{64}$/.test(hash)) throw new SpeechError('SPE_AUDIO', item.name);
  const dir = join(options.mediaDir, 'audio');
  const path = join(dir, `${hash}.wav`);
  try {
    await access(path);
  } catch {
    const bytes = await options.loadAudio(companyId, hash);
    if (!bytes) throw new SpeechError('SPE_AUDIO', item.name);
    await mkdir(dir, { recursive: true });
    await writeAtomically(path, bytes);
  }
  return path;
}
