/** Writes a recording: PCM 16 bit 8 kHz, mono or stereo, flushed every half second, its header made right at the end. */
import { type FileHandle, open } from 'node:fs/promises';
import { SAMPLE_RATE } from './source.ts';
import { WAV_HEADER_BYTES, wavHeader } from './wav.ts';

export interface WavWriter {
  /** Appends `count` samples; with two channels those of left and right by turns. They are copied. */
  write(pcm: Int16Array, count: number): void;
  /** Writes what is left and the final header; false when the disk did not take all of it. May be called twice. */
  close(): Promise<boolean>;
}

export interface WavOptions {
  readonly channels?: 1 | 2;
  /** Told once, at the first failure to write (a full disk): nothing is written after it. */
  onError?(error: Error): void;
}

const FLUSH_MS = 500;

/** Creates (or empties) the file. Throws the file system's error. */
export async function openWavWriter(path: string, { channels = 1, onError }: WavOptions = {}): Promise<WavWriter> {
  const file = await open(path, 'w');
  await file.write(wavHeader(0, channels), 0, WAV_HEADER_BYTES, 0).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  const chunkBytes = (SAMPLE_RATE * FLUSH_MS * 2 * channels) / 1000;
  let chunk = Buffer.alloc(chunkBytes);
  let filled = 0;
  let samples = 0;
  let failed = false;
  let writing: Promise<unknown> = Promise.resolve();
  let closing: Promise<boolean> | null = null;

  function fail(error: unknown): void {
    if (failed) return;
    failed = true;
    onError?.(error instanceof Error ? error : new Error(String(error)));
  }

  function flush(): void {
    if (filled === 0) return;
    const block = chunk.subarray(0, filled);
    const position = WAV_HEADER_BYTES + samples * 2 - filled;
    chunk = Buffer.alloc(chunkBytes);
    filled = 0;
    writing = writing.then(() => (failed ? undefined : file.write(block, 0, block.length, position))).catch(fail);
  }

  async function finish(handle: FileHandle): Promise<boolean> {
    flush();
    await writing;
    // what there is shall be playable, also when the disk was full
    await handle.write(wavHeader(samples / channels, channels), 0, WAV_HEADER_BYTES, 0).catch(fail);
    await handle.close().catch(fail);
    return !failed;
  }

  return {
    write: (pcm, count) => {
      if (closing || failed) return;
      for (let i = 0; i < count; i++) {
        chunk.writeInt16LE(pcm[i] as number, filled);
        filled += 2;
        samples++;
        if (filled === chunk.length) flush();
      }
    },
    close: () => {
      closing ??= finish(file);
      return closing;
    },
  };
}
