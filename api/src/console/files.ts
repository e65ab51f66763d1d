/**
 * The console's files under `/console/` (design §7): hashed assets for ever, the page for every address inside the prefix that names
 * no file, 404 for a missing file.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ApiError } from '../problem.ts';

/** Where the console is mounted. */
export const CONSOLE_PREFIX = '/console/';

export interface ConsoleOptions {
  /** The built designer: `index.html` and `assets/` with a hash in every name. Without a build the console answers 404. */
  readonly directory: string;
}

/**
 * Scripts are our own files only. Styles may be inline: the component library sets its variables in a style element. Pictures may be
 * `data:` (logo of a theme) and sounds `blob:` (a recording made in the browser, before it is uploaded).
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const HIDDEN = { hide: true } as object;
/** A name with a hash never changes its content. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** The header `content-security-policy` of an address of the console; null outside it. */
export function consolePolicy(url: string): string | null {
  return isConsole(url) ? POLICY : null;
}

/** True for `/console` and everything below. */
export function isConsole(url: string): boolean {
  return /^\/console(?:[/?]|$)/.test(url);
}

/** Mounts the console. Files are looked up at each request, so a build made while the api runs is served at once. */
export async function mountConsole(app: FastifyInstance, { directory }: ConsoleOptions): Promise<void> {
  await app.register(fastifyStatic, { root: directory, serve: false, dotfiles: 'deny', preCompressed: true });
  app.get('/console', { schema: HIDDEN }, async (_request, reply) => reply.redirect(CONSOLE_PREFIX));
  app.get<{ Params: { '*': string } }>(`${CONSOLE_PREFIX}*`, { schema: HIDDEN }, async (request, reply) => {
    const name = request.params['*'];
    if (name.startsWith('assets/')) return sendAsset(reply, directory, name);
    // a last part with a dot is the name of a file, never an address of the page
    if (/\.[a-z0-9]+$/i.test(name) && name !== 'index.html') return sendFile(reply, directory, name);
    return sendFile(reply, directory, 'index.html');
  });
}

function sendAsset(reply: FastifyReply, directory: string, name: string): FastifyReply {
  requireFile(directory, name);
  return reply.header('cache-control', FOR_EVER).sendFile(name, { cacheControl: false });
}

function sendFile(reply: FastifyReply, directory: string, name: string): FastifyReply {
  requireFile(directory, name);
  return reply.header('cache-control', 'no-cache').sendFile(name, { cacheControl: false });
}

/** Throws `API_UNKNOWN_PATH` for what is not there, and for names that would leave the directory. */
function requireFile(directory: string, name: string): void {
  const inside = !name.split(/[\\/]/).includes('..') && !name.includes('\0');
  if (!inside || !existsSync(join(directory, name))) throw new ApiError('API_UNKNOWN_PATH');
}
