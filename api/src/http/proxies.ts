/**
 * Which proxies in front of the api are believed when they say whom a request comes from, under which name and by which scheme
 * (`X-Forwarded-For`, `-Host`, `-Proto`). Nobody is, unless configured: anybody can send these headers.
 */
import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';

/** Whether an address is a proxy of ours; `hop` 0 is whoever holds the connection, 1 whom that one names, and so on. */
export type TrustedProxy = (address: string, hop: number) => boolean;

const MOST_HOPS = 10;

export const NO_PROXY: TrustedProxy = () => false;

/**
 * `1` … `10`: so many proxies stand in front, whatever their addresses, and nobody reaches the api but through them. Else addresses and
 * networks (`192.0.2.7`, `10.0.0.0/8`, `loopback`, `linklocal`, `uniquelocal`), separated by commas. Null: neither.
 */
export function parseTrustedProxies(text: string): TrustedProxy | null {
  if (/^[0-9]+$/.test(text.trim())) {
    const hops = Number(text);
    return hops >= 1 && hops <= MOST_HOPS ? (_address, hop) => hop < hops : null;
  }
  const list = text.split(',').map((each) => each.trim());
  try {
    return proxyAddr.compile(list);
  } catch {
    return null;
  }
}

/** Host and port that the client asked for; for requests that do not come by the router, which asks the same. */
export function hostAskedFor({ headers, socket }: IncomingMessage, trusted: TrustedProxy): string | undefined {
  const named = headers['x-forwarded-host'];
  const last = (Array.isArray(named) ? named.at(-1) : named)?.split(',').at(-1)?.trim();
  return last && trusted(socket.remoteAddress ?? '', 0) ? last : headers.host;
}
