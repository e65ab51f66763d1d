/** Writes a recording: PCM 16 bit mono 8 kHz, flushed every half second, its header made right at the end. */
import { type FileHandle, open } from 'node:fs/promises';
import { SAMPLE_RATE } from './source.ts';
import { WAV_HEADER_BYTES, wavHeader } from './wav.ts';

export interface WavWriter {
  /** Appends `count` samples; they are copied. */
  write(pcm: Int16Array, count: number): void;
  /** Writes what is left and the final header. May be called twice. */
  close(): Promise<void>;
}

const FLUSH_SAMPLES = SAMPLE_RATE / 2;

/** Creates (or empties) the file. Throws the file system's error. */
export async function openWavWriter(path: string): Promise<WavWriter> {
  const file = await open(path, 'w');
  await file.write(wavHeader(0), 0, WAV_HEADER_BYTES, 0);
  let chunk = Buffer.alloc(FLUSH_SAMPLES * 2);
  let filled = 0;
  let samples = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | null = null;

  function flush(): void {
    if (filled === 0) return;
    const block = chunk.subarray(0, filled);
    const position = WAV_HEADER_BYTES + samples * 2 - filled;
    chunk = Buffer.alloc(FLUSH_SAMPLES * 2);
    filled = 0;
    writing = writing.then(() => file.write(block, 0, block.length, position)).catch(() => undefined);
  }

  async function finish(handle: FileHandle): Promise<void> {
    flush();
    await writing;
    await handle.write(wavHeader(samples), 0, WAV_HEADER_BYTES, 0).catch(() => undefined);
    await handle.close();
  }

  return {
    write: (pcm, count) => {
      if (closing) return;
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
