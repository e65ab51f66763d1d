/** One attempt of a flow's HTTP request: guarded, bounded in time and size. Whether to try again is the caller's. */
import type { HttpRequest, IoResult, JsonValue } from '@callwright/engine';
import { Agent, type Dispatcher, request as send } from 'undici';
import { RefusedUrl, type UrlGuard } from './url-guard.ts';

/** Most of an answer that is read. */
const MAX_BYTES = 256 * 1024;
const MAX_REDIRECTS = 3;
/** Headers that belong to the connection, not to the author. */
const OURS = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'keep-alive',
  'te',
  'trailer',
  'expect',
]);

export interface HttpAttempt {
  readonly result: IoResult;
  /** The failure may pass: worth another attempt. */
  readonly transient: boolean;
}

export interface HttpSender {
  send(request: HttpRequest, idempotencyKey: string): Promise<HttpAttempt>;
  close(): Promise<void>;
}

export function httpSender(guard: UrlGuard): HttpSender {
  const guarded = new Agent({ connect: { lookup: guard.lookup, timeout: 10_000 }, maxHeaderSize: 32 * 1024 });
  const listed = new Agent({ connect: { timeout: 10_000 }, maxHeaderSize: 32 * 1024 });

  const attempt = async (request: HttpRequest, idempotencyKey: string): Promise<HttpAttempt> => {
    const signal = AbortSignal.timeout(request.timeoutMs);
    let url = guard.check(request.url);
    let headers = headersOf(request, idempotencyKey);
    for (let redirects = 0; ; redirects += 1) {
      const answer = await send(url, {
        method: request.method,
        headers,
        body: request.body,
        dispatcher: guard.allows(url) ? listed : guarded,
        signal,
      });
      const next = redirectOf(request, answer, url);
      if (!next) return await readAnswer(answer);
      await answer.body.dump();
      if (redirects === MAX_REDIRECTS) return failed('bad-answer', 'Too many redirects.');
      const target = guard.check(next.href);
      if (target.origin !== url.origin) headers = withoutCredentials(headers);
      url = target;
    }
  };

  return {
    send: async (request, idempotencyKey) => {
      try {
        return await attempt(request, idempotencyKey);
      } catch (error) {
        return failureOf(error);
      }
    },
    close: async () => {
      await Promise.all([guarded.destroy(), listed.destroy()]);
    },
  };
}

function headersOf(request: HttpRequest, idempotencyKey: string): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': 'Callwright', 'idempotency-key': idempotencyKey };
  for (const [name, value] of Object.entries(request.headers)) {
    const lower = name.toLowerCase();
    if (!OURS.has(lower) && !lower.startsWith('proxy-')) headers[lower] = value;
  }
  if (request.body !== null)
    headers['content-type'] ??= looksLikeJson(request.body) ? 'application/json' : 'text/plain';
  headers.accept ??= 'application/json, */*;q=0.5';
  return headers;
}

const looksLikeJson = (body: string): boolean => /^\s*[[{]/.test(body);

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  const { authorization: _authorization, cookie: _cookie, ...rest } = headers;
  return rest;
}

/** Where a GET goes on; other methods are answered with the redirect itself. */
function redirectOf(request: HttpRequest, answer: Dispatcher.ResponseData, from: URL): URL | null {
  const location = answer.headers.location;
  if (request.method !== 'GET' || ![301, 302, 303, 307, 308].includes(answer.statusCode)) return null;
  return typeof location === 'string' ? URL.parse(location, from.href) : null;
}

async function readAnswer(answer: Dispatcher.ResponseData): Promise<HttpAttempt> {
  const { bytes, truncated } = await readBody(answer);
  const type = String(answer.headers['content-type'] ?? '');
  const status = answer.statusCode;
  const transient = status === 429 || status === 502 || status === 503 || status === 504;
  const text = new TextDecoder().decode(bytes);
  let body: JsonValue = text;
  if (text === '') body = null;
  else if (/[/+]json\b/i.test(type)) {
    if (truncated) return failed('too-large', `The answer is larger than ${MAX_BYTES} bytes.`);
    const parsed = parse(text);
    if (parsed === undefined) return failed('bad-answer', 'The answer is not the JSON it says to be.');
    body = parsed;
  }
  return { result: { status: 'http', httpStatus: status, body, truncated }, transient };
}

async function readBody(answer: Dispatcher.ResponseData): Promise<{ bytes: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    // leaving the loop ends the connection: the rest is never read
    if (size > MAX_BYTES) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, MAX_BYTES), truncated: size > MAX_BYTES };
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

type FailureCode = Extract<IoResult, { status: 'io-failed' }>['code'];

const failed = (code: FailureCode, message: string, transient = false): HttpAttempt => ({
  result: { status: 'io-failed', code, message },
  transient,
});

function failureOf(error: unknown): HttpAttempt {
  if (error instanceof RefusedUrl) return failed('refused', error.message);
  const { name, code, cause } = error as { name?: string; code?: string; cause?: unknown };
  if (cause instanceof RefusedUrl) return failed('refused', cause.message);
  if (name === 'TimeoutError' || code === 'UND_ERR_CONNECT_TIMEOUT')
    return failed('timeout', 'No answer in time.', true);
  if (code === 'UND_ERR_INVALID_ARG') return failed('refused', 'A header or the method is not valid.');
  if (name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW')
    return failed('bad-answer', 'The answer is no HTTP.');
  return failed('unreachable', code ? `Connection failed (${code}).` : 'Connection failed.', true);
}
