/** Sends a recorded file, whole or the Range of bytes that was asked for (RFC 9110 §14). */
import { open } from 'node:fs/promises';
import { recordingFile } from '@callwright/store';
import type { Context } from '../http/context.ts';
import { ApiError } from '../problem.ts';

/** Larger files are sent in ranges only. */
const MOST_BYTES = 64 * 1024 * 1024;

/** One range of a file of that size; null when it is none of ours to serve, `beyond` when nothing of the file lies in it. */
export function parseRange(header: string | undefined, size: number): { from: number; to: number } | null | 'beyond' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const last = size - 1;
  if (match[1] === '') {
    const count = Math.min(Number(match[2]), size);
    return count === 0 ? 'beyond' : { from: size - count, to: last };
  }
  const from = Number(match[1]);
  const to = match[2] === '' ? last : Math.min(Number(match[2]), last);
  if (from > last) return 'beyond';
  return to < from ? null : { from, to };
}

/** The bytes of the answer; a partial one is sent here. Throws `API_NOT_FOUND` when there is no such file. */
export async function sendRecording(
  mediaDir: string | undefined,
  id: string,
  { company, request, reply }: Context,
): Promise<Buffer> {
  if (mediaDir === undefined) throw new ApiError('API_NOT_FOUND');
  const file = await open(recordingFile(mediaDir, company.companyId, id)).catch(() => {
    throw new ApiError('API_NOT_FOUND');
  });
  try {
    const { size } = await file.stat();
    const range = parseRange(request.headers.range, size);
    reply.header('accept-ranges', 'bytes').header('cache-control', 'private, no-store');
    if (range === 'beyond') {
      reply.code(416).header('content-range', `bytes */${size}`).send('');
      return Buffer.alloc(0);
    }
    const { from, to } = range ?? { from: 0, to: Math.min(size, MOST_BYTES) - 1 };
    const bytes = Buffer.alloc(to - from + 1);
    await file.read(bytes, 0, bytes.length, from);
    if (bytes.length < size) {
      reply
        .code(206)
        .header('content-range', `bytes ${from}-${to}/${size}`)
        .type('audio/wav')
        .serializer(same)
        .send(bytes);
    }
    return bytes;
  } finally {
    await file.close();
  }
}

const same = (bytes: unknown): string => bytes as string;
