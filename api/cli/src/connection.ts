/** Where the installation is and how to ask it: `CALLWRIGHT_URL` and `CALLWRIGHT_API_KEY`, else what its data directory says. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { API_PREFIX, type Problem } from '@callwright/api-contract';
import { CliError } from './errors.ts';

export interface Connection {
  readonly url: string;
  readonly key: string;
  /** Company meant; null: the key's own. */
  readonly company: string | null;
}

/** Repository root: this file is `api/cli/src/connection.ts` in it. */
const ROOT = resolve(import.meta.dirname, '../../..');

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

/** Throws `CLI_NO_KEY` with where it looked. */
export function findConnection(env: NodeJS.ProcessEnv, company: string | null): Connection {
  const dataDir = resolve(ROOT, env.CALLWRIGHT_DATA_DIR || '.data');
  const keyFile = join(dataDir, 'admin.key');
  const key = env.CALLWRIGHT_API_KEY || read(keyFile);
  if (!key)
    throw new CliError(
      'CLI_NO_KEY',
      `No API key: set CALLWRIGHT_API_KEY, or start Callwright once so that it writes ${keyFile}.`,
    );
  return { url: env.CALLWRIGHT_URL?.replace(/\/+$/, '') || localUrl(env, dataDir), key, company };
}

function localUrl(env: NodeJS.ProcessEnv, dataDir: string): string {
  const kept = read(join(dataDir, 'ports.json'));
  const port = env.CALLWRIGHT_HTTP_PORT || (kept ? (JSON.parse(kept) as { http?: number }).http : undefined) || 8080;
  const bind = env.CALLWRIGHT_BIND ?? '127.0.0.1';
  const host = bind === '0.0.0.0' || bind === '::' ? '127.0.0.1' : bind;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export interface Ask {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly wav?: Buffer;
  readonly csv?: Buffer;
  /** Problem codes that are answers, not failures: the call then gives null. */
  readonly accept?: readonly Problem['code'][];
}

export interface Api {
  /** The answer read from JSON, as text when it is no JSON, null when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: each command names the contract's type it expects
  ask<T = any>(method: string, path: string, options?: Ask): Promise<T>;
  /** All items of a list, page by page, at most `most`. */
  all<T>(path: string, query?: Ask['query'], most?: number): Promise<T[]>;
}

/** Most faults that are printed of one refusal. */
const MOST_LINES = 200;

/** What a refusal says, with every field and diagnostic. */
export function explain(problem: Problem): string {
  const lines = [`${problem.title}${problem.detail ? ` ${problem.detail}` : ''} (${problem.code})`];
  for (const { path, message } of problem.errors ?? []) lines.push(`  ${path}: ${message}`);
  for (const diagnostic of problem.diagnostics ?? []) lines.push(`  ${describeDiagnostic(diagnostic)}`);
  if (problem.code === 'API_UNAUTHENTICATED')
    lines.push(
      '  The API key is not valid here: check CALLWRIGHT_API_KEY, or unset it to use admin.key of the data directory.',
    );
  return lines.slice(0, MOST_LINES).join('\n');
}

/** One diagnostic as one line. */
export function describeDiagnostic(diagnostic: Readonly<Record<string, unknown>>): string {
  const { severity, code, path, node, message } = diagnostic as {
    severity: string;
    code: string;
    path?: (string | number)[];
    node?: string;
    message?: { en?: string };
  };
  const where = node ? `node ${node}` : (path ?? []).join('.');
  return `${severity} ${code}${where ? ` at ${where}` : ''}: ${message?.en ?? ''}`;
}

export function connect({ url, key, company }: Connection): Api {
  const ask: Api['ask'] = async (method, path, { query = {}, body, wav, csv, accept = [] } = {}) => {
    const address = new URL(`${url}${API_PREFIX}${path}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) address.searchParams.set(name, value);
    if (company) address.searchParams.set('company', company);
    const headers: Record<string, string> = { authorization: `Bearer ${key}` };
    if (method === 'POST') headers['idempotency-key'] = randomUUID();
    if (wav) headers['content-type'] = 'audio/wav';
    else if (csv) headers['content-type'] = 'text/csv';
    else if (body !== undefined) headers['content-type'] = 'application/json';
    const payload = wav ?? csv ?? (body === undefined ? undefined : JSON.stringify(body));
    const answer = await fetch(address, {
      method,
      headers,
      ...(payload === undefined ? {} : { body: payload as NonNullable<RequestInit['body']> }),
    }).catch(() => {
      throw new CliError(
        'CLI_UNREACHABLE',
        `Callwright does not answer at ${url}: start it with "npm start", or set CALLWRIGHT_URL.`,
      );
    });
    const text = await answer.text();
    const json = (answer.headers.get('content-type') ?? '').includes('json');
    if (answer.ok) return json ? JSON.parse(text) : text === '' ? null : text;
    if (!json)
      throw new CliError(
        'CLI_UNREACHABLE',
        `What answers at ${url} is not Callwright (status ${answer.status}): check CALLWRIGHT_URL.`,
      );
    const problem = JSON.parse(text) as Problem;
    if (accept.includes(problem.code)) return null;
    throw new CliError('CLI_REFUSED', explain(problem));
  };
  return {
    ask,
    all: async <T>(path: string, query: Ask['query'] = {}, most = Number.POSITIVE_INFINITY) => {
      const items: T[] = [];
      let cursor: string | undefined;
      do {
        const limit = String(Math.min(500, most - items.length));
        const page: { items: T[]; next: string | null } = await ask('GET', path, {
          query: { ...query, cursor, limit },
        });
        items.push(...page.items);
        cursor = page.next ?? undefined;
      } while (cursor !== undefined && items.length < most);
      return items;
    },
  };
}
