import { describe, expect, it } from 'vitest';
import { dialogFlow, dialogRequest, uacDialog, uasDialog } from './dialog.ts';
import { header, headerValue, headerValues, NO_BODY, type SipRequest, type SipResponse } from './message.ts';
import { literalFlow, resolveFlow } from './resolve.ts';
import { makeResponse } from './response.ts';
import type { SipSource } from './transport.ts';
import { requestFault, unsupportedOptions } from './validate.ts';

const source = (address: string, protocol: 'udp' | 'tcp' = 'udp'): SipSource => ({
  protocol,
  address,
  port: 31_000,
  localAddress: '192.0.2.1',
  localPort: 5060,
  ...(protocol === 'tcp' ? { connection: 7 } : {}),
});

function invite(contact: string, routes: readonly string[] = []): SipRequest {
  const headers = [
    header('Via', 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1'),
    ...routes.map((route) => header('Record-Route', route)),
    header('From', '<sip:a@h>;tag=caller'),
    header('To', '<sip:b@h>'),
    header('Call-ID', 'c1'),
    header('CSeq', '40 INVITE'),
    header('Contact', contact),
  ];
  return { method: 'INVITE', uri: 'sip:b@h', headers, body: NO_BODY };
}

const ok = (request: SipRequest): SipResponse =>
  makeResponse(request, 200, { toTag: 'callee', headers: [header('Contact', '<sip:b@198.51.100.7:5070>')] });

describe('dialogs', () => {
  it('a server side answers to the caller, route set in order', () => {
    const request = invite('<sip:a@198.51.100.2>', ['<sip:p1;lr>, <sip:p2;lr>', '<sip:p3;lr>']);
    const dialog = uasDialog(request, ok(request), source('203.0.113.5'))!;
    const bye = dialogRequest(dialog, 'BYE');
    expect(bye.uri).toBe('sip:a@198.51.100.2');
    expect(headerValues(bye, 'route')).toEqual(['<sip:p1;lr>', '<sip:p2;lr>', '<sip:p3;lr>']);
    expect(headerValue(bye, 'from')).toBe('<sip:b@h>;tag=callee');
    expect(headerValue(bye, 'to')).toBe('<sip:a@h>;tag=caller');
    expect(headerValue(bye, 'cseq')).toBe('1 BYE');
    expect(headerValue(dialogRequest(dialog, 'INFO'), 'cseq')).toBe('2 INFO');
  });

  it('a client side reverses the route set and goes on from its CSeq', async () => {
    const request = invite('<sip:a@192.0.2.1>', ['<sip:p1;lr>', '<sip:198.51.100.9:5099;lr>']);
    const dialog = uacDialog(request, ok(request), source('198.51.100.9'))!;
    expect(dialog.routeSet).toEqual(['<sip:198.51.100.9:5099;lr>', '<sip:p1;lr>']);
    expect(headerValue(dialogRequest(dialog, 'ACK', { seq: 40 }), 'cseq')).toBe('40 ACK');
    expect(headerValue(dialogRequest(dialog, 'BYE'), 'cseq')).toBe('41 BYE');
    expect(await dialogFlow(dialog)).toEqual({ protocol: 'udp', address: '198.51.100.9', port: 5099 });
  });

  it('a strict router becomes the Request-URI, the target the last Route (RFC 3261 §12.2.1.1)', () => {
    const request = invite('<sip:a@198.51.100.2>', ['<sip:strict.example>', '<sip:p2;lr>']);
    const bye = dialogRequest(uasDialog(request, ok(request), source('203.0.113.5'))!, 'BYE');
    expect(bye.uri).toBe('sip:strict.example');
    expect(headerValues(bye, 'route')).toEqual(['<sip:p2;lr>', '<sip:a@198.51.100.2>']);
  });

  it.each([
    [
      'a public Contact is used',
      '<sip:a@198.51.100.2:5062>',
      source('203.0.113.5'),
      { address: '198.51.100.2', port: 5062 },
    ],
    [
      'a private one behind NAT is not',
      '<sip:a@192.168.1.5:5062>',
      source('203.0.113.5'),
      { address: '203.0.113.5', port: 31_000 },
    ],
    [
      'a private one in the same network is',
      '<sip:a@192.168.1.5:5062>',
      source('192.168.1.5'),
      { address: '192.168.1.5', port: 5062 },
    ],
    [
      'a TCP peer keeps its connection',
      '<sip:a@198.51.100.2:5062;transport=tcp>',
      source('198.51.100.2', 'tcp'),
      { protocol: 'tcp', connection: 7, port: 5062 },
    ],
    [
      'a TCP peer behind NAT too',
      '<sip:a@10.0.0.2:5062;transport=tcp>',
      source('203.0.113.5', 'tcp'),
      { protocol: 'tcp', connection: 7, address: '203.0.113.5', port: 31_000 },
    ],
  ])('%s', async (_name, contact, from, flow) => {
    const request = invite(contact);
    expect(await dialogFlow(uasDialog(request, ok(request), from)!)).toMatchObject(flow);
  });

  it('needs tags and a Contact', () => {
    const request = invite('<sip:a@h>');
    expect(uacDialog(request, makeResponse(request, 180), source('203.0.113.5'))).toBeUndefined();
    request.headers = request.headers.filter((line) => line.key !== 'contact');
    expect(uasDialog(request, ok(request), source('203.0.113.5'))).toBeUndefined();
  });
});

describe('next hops', () => {
  it('reads literals at once', () => {
    expect(literalFlow('sip:a@192.0.2.7')).toEqual({ protocol: 'udp', address: '192.0.2.7', port: 5060 });
    expect(literalFlow('sip:a@[2001:db8::7]:5080;transport=TCP')).toEqual({
      protocol: 'tcp',
      address: '2001:db8::7',
      port: 5080,
    });
    expect(literalFlow('sips:192.0.2.7')).toMatchObject({ protocol: 'tls', port: 5061 });
    expect(literalFlow('sip:name.example')).toBeUndefined();
  });

  it('asks for names, IPv4 first, and refuses what leads nowhere', async () => {
    expect(await resolveFlow('sip:a@localhost:5070')).toEqual({
      name: 'localhost',
      protocol: 'udp',
      address: '127.0.0.1',
      port: 5070,
    });
    await expect(resolveFlow('sip:a@nowhere.invalid:5060')).rejects.toMatchObject({ code: 'SIP_UNRESOLVED_URI' });
    await expect(resolveFlow('tel:+1')).rejects.toMatchObject({ code: 'SIP_UNRESOLVED_URI' });
  });
});

describe('checks', () => {
  it('refuses what would shift the tokens of the application protocol', () => {
    const request = invite('<sip:a@h>');
    expect(requestFault(request)).toBeUndefined();
    for (const [key, value] of [
      ['call-id', 'a|b'],
      ['from', '<sip:a@h>;tag=x|y'],
    ] as const) {
      const bad = {
        ...request,
        headers: request.headers.map((line) => (line.key === key ? { ...line, value } : line)),
      };
      expect(requestFault(bad), value).toMatchObject({ status: 400 });
    }
  });

  it('knows registered option tags, not in ACK and CANCEL', () => {
    const request = { ...invite('<sip:a@h>') };
    request.headers = [...request.headers, header('Require', '100rel, Timer'), header('Require', 'magic')];
    expect(unsupportedOptions(request)).toEqual(['magic']);
    expect(unsupportedOptions({ ...request, method: 'CANCEL' })).toEqual([]);
  });
});
