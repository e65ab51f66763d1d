import { expect, test } from 'vitest';
import { NO_PROXY, parseTrustedProxies } from './proxies.ts';

test('nobody is believed unless named', () => {
  expect(NO_PROXY('127.0.0.1', 0)).toBe(false);
});

test('a number of proxies, whatever their addresses', () => {
  const two = parseTrustedProxies('2')!;
  expect([0, 1, 2].map((hop) => two('192.0.2.1', hop))).toEqual([true, true, false]);
});

test('addresses, networks and names of networks', () => {
  const trusted = parseTrustedProxies('loopback, 10.1.0.0/16,2001:db8::1')!;
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.1.255.3', '2001:db8::1'])
    expect([address, trusted(address, 0)]).toEqual([address, true]);
  for (const address of ['10.2.0.1', '2001:db8::2', '192.0.2.1'])
    expect([address, trusted(address, 5)]).toEqual([address, false]);
});

test('anything else is refused, the whole internet among it', () => {
  for (const text of ['0', '11', 'true', '*', '10.0.0.0/33', '0.0.0.0/0', 'proxy.example', '10.0.0.1,', '-1', ' '])
    expect([text, parseTrustedProxies(text)]).toEqual([text, null]);
});
