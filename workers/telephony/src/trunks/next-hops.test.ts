import { expect, it } from 'vitest';
import { createDestinationGuard } from '../sip/destination-guard.ts';
import { nextHops, type ResolveService, sourceOfHop } from './next-hops.ts';

const hosts: Readonly<Record<string, string>> = {
  'carrier.test': '9.9.9.9',
  'a.test': '9.9.9.1',
  'b.test': '9.9.9.2',
  'in.test': '10.0.0.1',
};
const guard = createDestinationGuard([], async (host) => hosts[host] ?? null);
const srv: ResolveService = async (name) =>
  name === '_sip._udp.carrier.test'
    ? [
        { name: 'b.test', port: 5070, priority: 20, weight: 1 },
        { name: 'a.test', port: 5080, priority: 10, weight: 1 },
        { name: 'in.test', port: 5060, priority: 5, weight: 1 },
      ]
    : [];
const trunk = { host: 'carrier.test', port: null, transport: 'udp', proxies: [] as string[] } as const;

it('goes by SRV where no port is given, without what is not allowed', async () => {
  expect(await nextHops(guard, { ...trunk, proxies: [] }, srv)).toEqual([
    'sip:9.9.9.1:5080;transport=udp',
    'sip:9.9.9.2:5070;transport=udp',
  ]);
});
it('goes by the host where a port is given, or there is no such record', async () => {
  expect(await nextHops(guard, { ...trunk, port: 5062, proxies: [] }, srv)).toEqual(['sip:9.9.9.9:5062;transport=udp']);
  expect(await nextHops(guard, { ...trunk, transport: 'tls', proxies: [] }, srv)).toEqual([
    'sip:9.9.9.9:5061;transport=tls',
  ]);
});
it('goes by its proxies in order', async () => {
  expect(await nextHops(guard, { ...trunk, proxies: ['b.test:5099', 'in.test', 'a.test'] }, srv)).toEqual([
    'sip:9.9.9.2:5099;transport=udp',
    'sip:9.9.9.1:5060;transport=udp',
  ]);
});
it('knows requests by address and port over UDP, by address elsewhere', () => {
  expect(sourceOfHop('sip:9.9.9.2:5099;transport=udp')).toBe('9.9.9.2:5099');
  expect(sourceOfHop('sip:9.9.9.2:5061;transport=tls')).toBe('9.9.9.2');
});
