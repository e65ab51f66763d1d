/** Sends a recording to a service that somebody has configured: through the guard, bounded in time and size, nowhere else than asked. */
import { type PostForm, SpeechError } from '@callwright/speech/recognition';
import { Agent, FormData, fetch } from 'undici';
import { RefusedUrl, type UrlGuard } from '../url-guard.ts';

/** Longest a service may take. */
const TIMEOUT_MS = 60_000;
const MAX_BYTES = 512 * 1024;

export interface FormSender {
  /** `trusted`: configured by the platform itself, no guard. */
  post(trusted: boolean): PostForm;
  close(): Promise<void>;
}

export function formSender(guard: UrlGuard, timeoutMs = TIMEOUT_MS): FormSender {
  const guarded = new Agent({ connect: { lookup: guard.lookup, timeout: 10_000 } });
  const open = new Agent({ connect: { timeout: 10_000 } });

  const send = async (trusted: boolean, address: string, form: Parameters<PostForm>[1]) => {
    const url = trusted ? new URL(address) : guard.check(address);
    const body = new FormData();
    for (const [name, value] of Object.entries(form.fields)) body.set(name, value);
    // a copy on a buffer of its own, which is all a Blob takes
    body.set('file', new Blob([new Uint8Array(form.file.bytes)], { type: form.file.type }), form.file.name);
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...form.headers, 'user-agent': 'Callwright' },
      body,
      redirect: 'error',
      dispatcher: trusted || guard.allows(url) ? open : guarded,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.status, text: await readText(answer.body) };
  };

  return {
    post: (trusted) => async (url, form) => {
      try {
        return await send(trusted, url, form);
      } catch (error) {
        throw failureOf(error);
      }
    },
    close: async () => {
      await Promise.all([guarded.destroy(), open.destroy()]);
    },
  };
}

async function readText(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new SpeechError('SPE_PROVIDER', 'answer too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function failureOf(error: unknown): SpeechError {
  if (error instanceof SpeechError) return error;
  const { name, cause } = error as { name?: string; cause?: { code?: unknown; name?: string } };
  if (error instanceof RefusedUrl || cause instanceof RefusedUrl) return new SpeechError('SPE_REFUSED', 'address');
  if (name === 'TimeoutError' || cause?.name === 'TimeoutError') return new SpeechError('SPE_TIMEOUT');
  return new SpeechError('SPE_PROVIDER', 'connection');
}
