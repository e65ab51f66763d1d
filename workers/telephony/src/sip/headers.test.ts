import { describe, expect, it } from 'vitest';
import {
  escapeUser,
  parseCredentials,
  parseNameAddr,
  parseNameAddrs,
  parseSipUri,
  parseTokens,
  quoteName,
} from './headers.ts';

describe('name-addr', () => {
  it('reads quoted names, brackets and parameters', () => {
    expect(parseNameAddr('"Doe, \\"J\\"" <sip:j@x.org;transport=tcp>;tag=1;q="0.5"')).toEqual({
      name: 'Doe, "J"',
      uri: 'sip:j@x.org;transport=tcp',
      params: Object.assign(Object.create(null), { tag: '1', q: '0.5' }),
    });
  });
  it('gives the parameters of a bare URI to the header', () => {
    expect(parseNameAddr('sip:j@x.org;tag=7')).toMatchObject({ uri: 'sip:j@x.org', params: { tag: '7' } });
  });
  it('splits lists outside of quotes and brackets', () => {
    expect(parseNameAddrs('"a, b" <sip:a@x>, <sip:b@x?Subject=a,b>;expires=3').map((a) => a.uri)).toEqual([
      'sip:a@x',
      'sip:b@x?Subject=a,b',
    ]);
  });
  it('refuses what is none', () => {
    expect(parseNameAddr('')).toBeNull();
    expect(parseNameAddr('hello world')).toBeNull();
    expect(parseNameAddr('*')).toBeNull();
  });
});

describe('SIP URI', () => {
  it('reads user, host, port, parameters and headers', () => {
    expect(parseSipUri('sip:+4930%2A1@Example.org:5070;transport=TCP;lr?Replaces=a%3Bto-tag%3Db&x=1')).toMatchObject({
      scheme: 'sip',
      user: '+4930*1',
      host: 'example.org',
      port: 5070,
      params: { transport: 'TCP', lr: '' },
      headers: { replaces: 'a;to-tag=b', x: '1' },
    });
  });
  it('reads IPv6 hosts, tel URIs and hosts without a user', () => {
    expect(parseSipUri('sip:a@[::1]:5060')).toMatchObject({ host: '[::1]', port: 5060 });
    expect(parseSipUri('tel:+1-201-555')).toMatchObject({ scheme: 'tel', user: '+1201555' });
    expect(parseSipUri('sip:example.org')).toMatchObject({ user: '', host: 'example.org' });
  });
  it('drops a password and user parameters', () => {
    expect(parseSipUri('sip:bob;phone-context=x:secret@h')).toMatchObject({ user: 'bob' });
  });
  it.each([
    '',
    'http://x',
    'sip:',
    'sip:a b@c',
    'sip:a@h:99999',
    `sip:${'a'.repeat(2000)}@h`,
    'sip:a%00b@h',
    'sip:a\u0000b@h',
  ])('refuses %j', (uri) => {
    expect(parseSipUri(uri)).toBeNull();
  });
});

describe('writing', () => {
  it('lets no name break out of its quotes or its line', () => {
    expect(quoteName('a"b\\c\r\nVia: x')).toBe('"a\\"b\\\\c Via: x"');
  });
  it('escapes what a user part cannot hold', () => {
    expect(escapeUser('+49 30@x<>"')).toBe('+49%2030%40x%3C%3E%22');
  });
});

describe('lists', () => {
  it('reads merged credentials', () => {
    const read = parseCredentials('Digest username="a, b", realm="r", Digest username="c"');
    expect(read.map((c) => c.username)).toEqual(['a, b', 'c']);
    expect(parseCredentials('Basic abc')).toEqual([]);
  });
  it('reads option tags', () => {
    expect(parseTokens('100rel, Timer')).toEqual(['100rel', 'timer']);
    expect(parseTokens(undefined)).toEqual([]);
  });
});
