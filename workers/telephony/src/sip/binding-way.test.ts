import { expect, it } from 'vitest';
import { wayTo } from './binding-way.ts';

const from = (path: string | null, received = 'udp:192.0.2.7:32768') => wayTo({ received, path });

it('leads back where the phone registered from', () => {
  expect(from(null)).toEqual({ proxy: 'sip:192.0.2.7:32768', headers: {} });
  expect(from(null, 'tls:192.0.2.7:32768').proxy).toBe('sip:192.0.2.7:32768;transport=tls');
});

it.each([
  ['<sip:token@192.0.2.7;lr;ob>', 'sip:192.0.2.7:5060'],
  ['<sip:192.0.2.7:5080;lr>, <sip:192.0.2.9;lr>', 'sip:192.0.2.7:5080'],
  ['<sip:192.0.2.7:5080;lr;transport=TCP>', 'sip:192.0.2.7:5080;transport=tcp'],
  ['<sips:192.0.2.7;lr>', 'sip:192.0.2.7:5061;transport=tls'],
  ['<sip:198.51.100.1:22;lr>', 'sip:192.0.2.7:32768'],
  ['<sip:192.0.2.7;transport=sctp;lr>', 'sip:192.0.2.7:32768'],
  ['nonsense', 'sip:192.0.2.7:32768'],
])('with the path %s by %s', (path, proxy) => {
  expect(from(path)).toEqual({ proxy, headers: { Route: path } });
});
