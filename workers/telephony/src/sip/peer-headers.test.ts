import { describe, expect, it } from 'vitest';
import { peerHeaders } from './peer-headers.ts';

describe('headers of an INVITE to a peer', () => {
  it('are the call’s own without a template', () => {
    expect(peerHeaders({ type: 'sip', uri: 'sip:a@b.test' })).toEqual({});
    expect(peerHeaders({ type: 'user', userId: 'u' })).toEqual({});
  });

  it('take addresses and user parts', () => {
    const target = {
      type: 'sip',
      uri: 'sip:5@peer.test',
      from: '101',
      identity: 'sip:me@corp.test',
      dnis: '900',
    } as const;
    expect(peerHeaders(target)).toEqual({
      From: '<sip:101@localhost>',
      'P-Asserted-Identity': '<sip:me@corp.test>',
      To: '<sip:900@peer.test>',
    });
  });

  it('cannot be broken out of', () => {
    const from = peerHeaders({ type: 'sip', uri: 'sip:a@b.test', from: 'x>\r\nEvil: 1 <sip:a@b' }).From!;
    expect(from).toMatch(/^<sip:[^<>\s"]+@localhost>$/);
  });
});
