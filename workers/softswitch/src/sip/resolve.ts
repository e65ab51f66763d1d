/** From a URI to an address to send to (RFC 3263 as far as SIP servers use it: literal, SRV, A/AAAA). */
import { lookup, resolveSrv } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { SipFlow, SipProtocol } from './transport.ts';
import { parseUri, type SipUri } from './uri.ts';

const DNS_TIMEOUT_MS = 3_000;
const PROTOCOLS: ReadonlySet<string> = new Set(['udp', 'tcp', 'tls', 'ws', 'wss']);

/** Thrown when a URI leads nowhere; telephony sees it as a transport failure. */
export class UnresolvedUriError extends Error {
  readonly code = 'SIP_UNRESOLVED_URI';
}

/** Address of a numeric URI at once; undefined when DNS must be asked. Throws UnresolvedUriError for what is no SIP URI. */
export function literalFlow(text: string): SipFlow | undefined {
  const uri = sipUri(text);
  const address = uri.host.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0) return undefined;
  const protocol = protocolOf(uri);
  return { protocol, address, port: uri.port ?? defaultPort(protocol) };
}

/** Address of any SIP URI. Rejects with UnresolvedUriError. */
export async function resolveFlow(text: string): Promise<SipFlow> {
  const literal = literalFlow(text);
  if (literal) return literal;
  const uri = sipUri(text);
  const protocol = protocolOf(uri);
  try {
    return await withTimeout(askDns(uri, protocol));
  } catch {
    throw new UnresolvedUriError('the host of a SIP URI cannot be resolved');
  }
}

async function askDns(uri: SipUri, protocol: SipProtocol): Promise<SipFlow> {
  if (uri.port === undefined) {
    const service = `_${protocol === 'tls' ? 'sips' : 'sip'}._${protocol === 'udp' ? 'udp' : 'tcp'}.${uri.host}`;
    const records = await resolveSrv(service).catch(() => []);
    const best = records.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight)[0];
    if (best) return { protocol, address: await addressOf(best.name), port: best.port, name: uri.host };
  }
  return { protocol, address: await addressOf(uri.host), port: uri.port ?? defaultPort(protocol), name: uri.host };
}

/** IPv4 before IPv6: the transports bind one family, and it is nearly always that. */
const addressOf = async (host: string): Promise<string> => (await lookup(host, { order: 'ipv4first' })).address;

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('DNS timed out')), DNS_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function sipUri(text: string): SipUri {
  const uri = parseUri(text);
  if (!uri) throw new UnresolvedUriError('not a SIP URI');
  return uri;
}

function protocolOf(uri: SipUri): SipProtocol {
  const wanted = uri.params.get('transport')?.toLowerCase();
  const protocol = wanted !== undefined && PROTOCOLS.has(wanted) ? (wanted as SipProtocol) : undefined;
  if (uri.scheme === 'sips') return protocol === 'ws' || protocol === 'wss' ? 'wss' : 'tls';
  return protocol ?? 'udp';
}

/** Ports of RFC 3261 §19.1.2 and RFC 7118 §5. */
const DEFAULT_PORT: Readonly<Record<SipProtocol, number>> = { udp: 5060, tcp: 5060, tls: 5061, ws: 80, wss: 443 };

/** The port of a URI that names none. */
export const defaultPort = (protocol: SipProtocol): number => DEFAULT_PORT[protocol];
