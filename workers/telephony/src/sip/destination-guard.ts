/** SIP URIs as destinations pass the same guard as URLs (design §5): no internal address unless it is allowed by name. */
import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { parseSipUri } from './headers.ts';

export interface GuardedUri {
  /** What is asked for. */
  readonly uri: string;
  /** The very address that was checked; the request goes there, whatever the name says a moment later. */
  readonly proxy: string;
}

export interface DestinationGuard {
  /** Null when the URI cannot be read, does not resolve or leads to an address that is not allowed. */
  check(uri: string): Promise<GuardedUri | null>;
}

export type Resolve = (host: string) => Promise<string | null>;

const resolveHost: Resolve = async (host) => (await lookup(host).catch(() => null))?.address ?? null;

const LOOKUP_MS = 2000;

/** `allowed`: the `sip:` and `sips:` entries of `CALLWRIGHT_ALLOW_URLS`; one without a port allows every port of its host. */
export function createDestinationGuard(allowed: readonly string[], resolve: Resolve = resolveHost): DestinationGuard {
  const rules = allowed.flatMap((entry) => readRule(entry) ?? []);
  return {
    check: async (uri) => {
      const parsed = parseSipUri(uri);
      if (!parsed || parsed.scheme === 'tel' || /[\r\n<>"]/.test(uri)) return null;
      const host = parsed.host.replace(/^\[|\]$/g, '');
      const address = ipaddr.isValid(host) ? host : await within(resolve(host), LOOKUP_MS);
      if (!address || !ipaddr.isValid(address)) return null;
      const port = parsed.port ?? (parsed.scheme === 'sips' ? 5061 : 5060);
      const ip = ipaddr.process(address);
      if (!isPublic(ip) && !rules.some((rule) => rule(host, ip, port))) return null;
      const transport = parsed.scheme === 'sips' ? 'tls' : (parsed.params.transport ?? 'udp').toLowerCase();
      const shown = ip.kind() === 'ipv6' ? `[${ip}]` : `${ip}`;
      return {
        uri,
        proxy: `${parsed.scheme}:${shown}:${port};transport=${/^(udp|tcp|tls)$/.test(transport) ? transport : 'udp'}`,
      };
    },
  };
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Public unicast only; of IPv6 the global 2000::/3 (RFC 4291 §2.4), since ipaddr.js calls more than that unicast. */
const isPublic = (ip: Address): boolean =>
  ip.range() === 'unicast' &&
  (ip.kind() === 'ipv4' || (ip as ipaddr.IPv6).match(ipaddr.parse('2000::') as ipaddr.IPv6, 3));

type Rule = (host: string, ip: Address, port: number) => boolean;

function readRule(entry: string): Rule | null {
  const allowed = parseSipUri(entry.trim().replace(/\/+$/, ''));
  if (!allowed || allowed.scheme === 'tel') return null;
  const host = allowed.host.replace(/^\[|\]$/g, '');
  return (name, ip, port) =>
    (name === host || ip.toString() === host) && (allowed.port === null || allowed.port === port);
}

async function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  return Promise.race([work, new Promise<null>((resume) => setTimeout(() => resume(null), ms).unref())]);
}
