/** Where a trunk's requests go: its outbound proxies, or its host by SRV and address (RFC 3263 §4.2). Every hop passes the destination guard. */
import { resolveSrv } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { TelephonyTrunk } from '@callwright/store';
import type { DestinationGuard } from '../sip/destination-guard.ts';
import { parseSipUri } from '../sip/headers.ts';

export type HopTrunk = Pick<TelephonyTrunk, 'host' | 'port' | 'transport' | 'proxies'>;

export interface SrvTarget {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}
export type ResolveService = (name: string) => Promise<readonly SrvTarget[]>;

const MAX_HOPS = 4;
const DNS_MS = 2000;

const byDns: ResolveService = async (name) => resolveSrv(name).catch(() => []);

/** URI parameter of a transport; UDP is what a URI without one means. */
export const transportParam = ({ transport }: Pick<TelephonyTrunk, 'transport'>): string =>
  transport === 'udp' ? '' : `;transport=${transport}`;

/** `host[:port]` as the trunk's own address in Request-URIs. */
export const hostPort = ({ host, port }: Pick<TelephonyTrunk, 'host' | 'port'>): string =>
  port === null ? host : `${host}:${port}`;

/** URIs of the next hops, addresses resolved and allowed, best first; empty when there is none. */
export async function nextHops(
  guard: DestinationGuard,
  trunk: HopTrunk,
  resolve: ResolveService = byDns,
): Promise<string[]> {
  const names = trunk.proxies.length > 0 ? trunk.proxies : await addressesOf(trunk, resolve);
  const checked = await Promise.all(
    names.slice(0, MAX_HOPS).map((name) => guard.check(`sip:${name}${transportParam(trunk)}`)),
  );
  return [...new Set(checked.flatMap((hop) => hop?.proxy ?? []))];
}

async function addressesOf(trunk: HopTrunk, resolve: ResolveService): Promise<string[]> {
  const { host, port, transport } = trunk;
  if (port !== null || isIP(host.replace(/^\[|\]$/g, '')) !== 0) {
    return [port === null && transport === 'tls' ? `${host}:5061` : hostPort(trunk)];
  }
  const service = transport === 'tls' ? `_sips._tcp.${host}` : `_sip._${transport}.${host}`;
  const late = new Promise<readonly SrvTarget[]>((resume) => setTimeout(() => resume([]), DNS_MS).unref());
  const found = [...(await Promise.race([resolve(service), late]))].filter(({ name }) => name !== '');
  // equal priorities by weight, the heavy ones first: a load of calls is the carrier's to spread
  found.sort((a, b) => a.priority - b.priority || b.weight - a.weight);
  return found.length > 0
    ? found.map((target) => `${target.name}:${target.port}`)
    : [transport === 'tls' ? `${host}:5061` : host];
}

/**
 * How requests from that hop are known: address and port where the transport keeps both (UDP), the address alone where each connection
 * has a port of its own.
 */
export function sourceOfHop(hop: string): string | null {
  const uri = parseSipUri(hop);
  if (!uri) return null;
  const address = uri.host.replace(/^\[|\]$/g, '');
  return (uri.params.transport ?? 'udp') === 'udp' ? `${address}:${uri.port ?? 5060}` : address;
}
