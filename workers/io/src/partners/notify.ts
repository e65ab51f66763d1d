/** One request to a partner's receiver: guarded, bounded in time, its answer dropped, redirects not followed. Says whether it was opened. */
import { Agent, request as send } from 'undici';
import { RefusedUrl, type UrlGuard } from '../url-guard.ts';

export type Told =
  | { readonly state: 'answered'; readonly httpStatus: number }
  /** No connection was opened: the receiver cannot have seen it. */
  | { readonly state: 'unopened'; readonly error: string }
  /** It may have been seen. */
  | { readonly state: 'lost'; readonly error: string }
  /** The address is not to be requested. */
  | { readonly state: 'refused'; readonly error: string };

export interface Notifier {
  tell(url: string, timeoutMs: number): Promise<Told>;
  close(): Promise<void>;
}

/** Failures before a connection stood. */
const UNOPENED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** Of an answer that nobody reads. */
const DROPPED_BYTES = 64 * 1024;

export function notifier(guard: UrlGuard, connectTimeoutMs = 3000): Notifier {
  // a connection that is kept may be closed by the other side just when it is used: then nobody knows whether the request was seen
  const options = { pipelining: 0, maxHeaderSize: 16 * 1024 } as const;
  const guarded = new Agent({ ...options, connect: { lookup: guard.lookup, timeout: connectTimeoutMs } });
  const listed = new Agent({ ...options, connect: { timeout: connectTimeoutMs } });
  return {
    tell: async (text, timeoutMs) => {
      try {
        const url = guard.check(text);
        const answer = await send(url, {
          method: 'GET',
          headers: { 'user-agent': 'Callwright', accept: '*/*' },
          dispatcher: guard.allows(url) ? listed : guarded,
          signal: AbortSignal.timeout(timeoutMs),
        });
        // the answer is in: what becomes of its body changes nothing
        await answer.body.dump({ limit: DROPPED_BYTES, signal: AbortSignal.timeout(timeoutMs) }).catch(() => {});
        return { state: 'answered', httpStatus: answer.statusCode };
      } catch (error) {
        return failureOf(error);
      }
    },
    close: async () => {
      await Promise.all([guarded.destroy(), listed.destroy()]);
    },
  };
}

function failureOf(error: unknown): Told {
  const { name, code, cause } = error as { name?: string; code?: string; cause?: { code?: string } };
  if (error instanceof RefusedUrl || cause instanceof RefusedUrl) return { state: 'refused', error: 'refused' };
  const found = code ?? cause?.code ?? '';
  if (UNOPENED.has(found)) return { state: 'unopened', error: found };
  return { state: 'lost', error: name === 'TimeoutError' ? 'timeout' : found || 'failed' };
}
