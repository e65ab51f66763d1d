/** The way of a request to a registered contact: back where the registration came from, through the proxies it came by (RFC 3327 §5.3). */
import { parseNameAddrs, parseSipUri } from './headers.ts';

/** What is known of the way to a contact. */
export interface BindingWay {
  /** `<protocol>:<address>:<port>` the REGISTER came from. */
  readonly received: string;
  /** Its Path. */
  readonly path: string | null;
}

/** `<protocol>:<address>:<port>` of a registration as the URI of the next hop (symmetric routing, RFC 3581). */
export function nextHop(received: string): string {
  const match = /^([a-z]+):(.+):(\d+)$/i.exec(received);
  if (!match) return `sip:${received}`;
  const transport = match[1]!.toLowerCase();
  return `sip:${match[2]}:${match[3]}${transport === 'udp' ? '' : `;transport=${transport}`}`;
}

/**
 * Where the request is sent: the first proxy of the path if that is the host the REGISTER came from (its port there need not be the one it
 * sends from), else the place itself. A path that leads elsewhere leads nobody to addresses of its choice.
 */
export function hopOf({ received, path }: BindingWay): string {
  const first = parseSipUri(parseNameAddrs(path ?? '')[0]?.uri ?? '');
  const from = parseSipUri(nextHop(received));
  if (!first || !from || first.scheme === 'tel' || first.host !== from.host) return nextHop(received);
  const transport = first.params.transport?.toLowerCase() ?? (first.scheme === 'sips' ? 'tls' : '');
  if (!/^(|udp|tcp|tls|wss?)$/.test(transport)) return nextHop(received);
  const port = first.port ?? (transport === 'tls' ? 5061 : 5060);
  return `sip:${first.host}:${port}${transport === '' || transport === 'udp' ? '' : `;transport=${transport}`}`;
}

/** Next hop and headers of a request to the contact. */
export const wayTo = (
  way: BindingWay,
): { readonly proxy: string; readonly headers: Readonly<Record<string, string>> } => ({
  proxy: hopOf(way),
  headers: way.path === null ? {} : { Route: way.path },
});
