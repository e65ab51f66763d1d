/** Makes the file of a recording that has ended a whole one: its header right, its content summed, under its final name. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';

export interface FinishedWav {
  readonly bytes: number;
  readonly sha256: Buffer;
  readonly durationMs: number;
}

const SETTLE_MS = 250;
const PATIENCE_MS = 3000;
const HEAD_BYTES = 4096;
const RIFF_SIZE_AT = 4;

interface Head {
  /** Where the samples begin. */
  readonly dataAt: number;
  readonly dataBytes: number;
  readonly bytesPerSecond: number;
}

function readHead(head: Buffer): Head | null {
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return null;
  let bytesPerSecond = 0;
  for (let at = 12; at + 8 <= head.length; ) {
    const name = head.toString('latin1', at, at + 4);
    const size = head.readUInt32LE(at + 4);
    if (name === 'fmt ' && at + 20 <= head.length) bytesPerSecond = head.readUInt32LE(at + 16);
    if (name === 'data') return bytesPerSecond > 0 ? { dataAt: at + 8, dataBytes: size, bytesPerSecond } : null;
    at += 8 + size + (size % 2);
  }
  return null;
}

async function headOf(file: FileHandle): Promise<Head | null> {
  const buffer = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0);
  return readHead(buffer.subarray(0, bytesRead));
}

/** A writer that has gone with its channel may still be writing: the header tells the length, or the file has stopped to grow. */
async function settledHead(file: FileHandle): Promise<{ head: Head; size: number } | null> {
  const until = performance.now() + PATIENCE_MS;
  let last = -1;
  for (;;) {
    const [head, { size }] = [await headOf(file), await file.stat()];
    const whole = head !== null && head.dataBytes > 0 && size === head.dataAt + head.dataBytes;
    if (head && (whole || size === last || performance.now() > until)) return { head, size };
    if (performance.now() > until) return null;
    last = size;
    await new Promise((resume) => setTimeout(resume, SETTLE_MS));
  }
}

/**
 * Resolves null when there is no sound in it. May be repeated: a file that has its final name already is summed again. Rejects with the
 * file system's error.
 */
export async function finishFile(unfinished: string, final: string): Promise<FinishedWav | null> {
  const there = await stat(unfinished).catch(() => null);
  const file = await open(there ? unfinished : final, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return null;
  try {
    const found = await settledHead(file);
    if (!found || found.size <= found.head.dataAt) return null;
    const { head, size } = found;
    await putSizes(file, head, size);
    const sha256 = await sumOf(file);
    await file.sync();
    if (there) await rename(unfinished, final);
    return { bytes: size, sha256, durationMs: Math.round(((size - head.dataAt) * 1000) / head.bytesPerSecond) };
  } finally {
    await file.close();
  }
}

async function putSizes(file: FileHandle, head: Head, size: number): Promise<void> {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(size - 8);
  await file.write(number, 0, 4, RIFF_SIZE_AT);
  number.writeUInt32LE(size - head.dataAt);
  await file.write(number, 0, 4, head.dataAt - 4);
}

async function sumOf(file: FileHandle): Promise<Buffer> {
  const hash = createHash('sha256');
  const block = Buffer.alloc(1 << 16);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) return hash.digest();
    hash.update(block.subarray(0, bytesRead));
    at += bytesRead;
  }
}
