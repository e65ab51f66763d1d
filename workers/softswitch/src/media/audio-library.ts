/** Audio by name: WAV files below the media directory, tones, silence and music on hold, as sources ready to play. */
import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { Worker } from 'node:worker_threads';
import { renderMusic } from './music.ts';
import { ClipSource, SAMPLE_RATE, SilenceSource, type Source } from './source.ts';
import { parseTone, renderTone } from './tone.ts';
import { decodeWav } from './wav.ts';

/** An opened playable; `type` is what PLAYBACK_START names as Playback-File-Type. */
export interface Opened {
  readonly source: Source;
  readonly type: 'file' | 'tone_stream' | 'silence_stream' | 'local_stream';
}

/** Opens playables for channels and conferences. */
export interface AudioLibrary {
  /** Null when the name means nothing, leads out of the media directory or is not a readable WAV file. */
  open(name: string): Promise<Opened | null>;
  /** Where a recording of this name may be written; null when that is outside the media directory. */
  writablePath(name: string): Promise<string | null>;
  /** Bytes of decoded audio in memory. */
  cachedBytes(): number;
  close(): Promise<void>;
}

interface CachedClip {
  readonly pcm: Int16Array;
  readonly mtimeMs: number;
  readonly size: number;
}

/** Larger files are decoded off the event loop, which must serve every stream each 5 ms. */
const INLINE_BYTES = 512 * 1024;
const MAX_FILE_BYTES = 128 * 1024 * 1024;
const CACHE_BYTES = 256 * 1024 * 1024;
const MAX_TONES = 500;

/** `mediaDir` is the only directory files are read from and written to. */
export function openAudioLibrary(mediaDir: string): AudioLibrary {
  const clips = new Map<string, CachedClip>();
  const tones = new Map<string, { pcm: Int16Array; loops: number }>();
  const decoder = new BackgroundDecoder();
  let bytes = 0;
  let music: Int16Array | null = null;

  function remember(path: string, clip: CachedClip): void {
    forget(path);
    clips.set(path, clip);
    bytes += clip.pcm.byteLength;
    for (const oldest of clips.keys()) {
      if (bytes <= CACHE_BYTES || oldest === path) break;
      forget(oldest);
    }
  }

  function forget(path: string): void {
    const known = clips.get(path);
    if (known) bytes -= known.pcm.byteLength;
    clips.delete(path);
  }

  async function loadFile(name: string): Promise<Int16Array | null> {
    const path = await insidePath(mediaDir, name, true);
    if (!path) return null;
    const info = await stat(path);
    if (!info.isFile() || info.size > MAX_FILE_BYTES) return null;
    const known = clips.get(path);
    if (known && known.mtimeMs === info.mtimeMs && known.size === info.size) {
      clips.delete(path);
      clips.set(path, known);
      return known.pcm;
    }
    const pcm = info.size <= INLINE_BYTES ? decodeWav(await readFile(path)) : await decoder.decode(path);
    if (pcm) remember(path, { pcm, mtimeMs: info.mtimeMs, size: info.size });
    return pcm;
  }

  function openTone(text: string): Opened | null {
    let tone = tones.get(text);
    if (!tone) {
      const spec = parseTone(text);
      if (!spec) return null;
      tone = { pcm: renderTone(spec), loops: spec.loops };
      if (tones.size >= MAX_TONES) tones.clear();
      tones.set(text, tone);
    }
    return { source: new ClipSource(tone.pcm, tone.loops, 0), type: 'tone_stream' };
  }

  async function openFile(name: string): Promise<Opened | null> {
    const seek = /@@(\d+)$/.exec(name);
    const pcm = await loadFile(seek ? name.slice(0, seek.index) : name).catch(() => null);
    return pcm && { source: new ClipSource(pcm, 1, seek ? Number(seek[1]) : 0), type: 'file' };
  }

  return {
    open: async (given) => {
      const name = given.replace(/^\{[^}]*\}/, '');
      if (name.startsWith('tone_stream://')) return openTone(name.slice('tone_stream://'.length));
      if (name.startsWith('silence_stream://')) return openSilence(name.slice('silence_stream://'.length));
      if (name.startsWith('local_stream://')) {
        music ??= renderMusic();
        return { source: new ClipSource(music, -1, 0), type: 'local_stream' };
      }
      return openFile(name);
    },
    writablePath: (name) => insidePath(mediaDir, name, false).catch(() => null),
    cachedBytes: () => bytes,
    close: () => decoder.close(),
  };
}

/** `<ms>[,<noise divisor>]`; -1 = for ever. */
function openSilence(text: string): Opened | null {
  const ms = Number(/^(-?\d+)(?:,\d+)?$/.exec(text)?.[1] ?? Number.NaN);
  if (!Number.isFinite(ms)) return null;
  const samples = ms < 0 ? -1 : Math.round((ms * SAMPLE_RATE) / 1000);
  return { source: new SilenceSource(samples), type: 'silence_stream' };
}

/** The real path of a name, or null when it (or, for new files, its folder) lies outside `root`, symbolic links followed. */
async function insidePath(root: string, name: string, mustExist: boolean): Promise<string | null> {
  if (name === '' || name.includes('\0') || /^[a-z_]+:\/\//i.test(name)) return null;
  const base = await realpath(root);
  const wanted = isAbsolute(name) ? join(name) : join(base, name);
  if (mustExist) {
    const real = await realpath(wanted).catch(() => null);
    return real?.startsWith(base + sep) ? real : null;
  }
  const slash = wanted.lastIndexOf(sep);
  const folder = await realpath(wanted.slice(0, slash)).catch(() => null);
  const file = wanted.slice(slash + 1);
  if (!folder || file === '' || (folder !== base && !folder.startsWith(base + sep))) return null;
  const path = join(folder, file);
  const existing = await realpath(path).catch(() => null);
  return existing === null || existing === path ? path : null;
}

/** One worker thread that decodes large files, started when first needed. */
class BackgroundDecoder {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, (pcm: Int16Array | null) => void>();
  private next = 0;

  decode(path: string): Promise<Int16Array | null> {
    const worker = this.start();
    const id = this.next++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      worker.postMessage({ id, path });
    });
  }

  async close(): Promise<void> {
    const worker = this.worker;
    this.fail();
    await worker?.terminate();
  }

  private start(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(new URL('./decode-worker.ts', import.meta.url));
    worker.on('message', (message: { id: number; pcm: Int16Array | null }) => {
      this.waiting.get(message.id)?.(message.pcm);
      this.waiting.delete(message.id);
    });
    worker.on('error', () => this.fail());
    worker.unref();
    this.worker = worker;
    return worker;
  }

  private fail(): void {
    this.worker = null;
    for (const resolve of this.waiting.values()) resolve(null);
    this.waiting.clear();
  }
}
