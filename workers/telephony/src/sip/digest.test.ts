import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  algorithmOf,
  challenges,
  checkDigest,
  createNonces,
  digestHa1,
  isWellFormed,
  type StoredDigests,
} from './digest.ts';

const stored: StoredDigests = {
  realm: 'http-auth@example.org',
  ha1: {
    MD5: digestHa1('MD5', 'Mufasa', 'http-auth@example.org', 'Circle of Life'),
    'SHA-256': digestHa1('SHA-256', 'Mufasa', 'http-auth@example.org', 'Circle of Life'),
  },
};
// RFC 7616 §3.9.1
const example = {
  username: 'Mufasa',
  realm: 'http-auth@example.org',
  uri: '/dir/index.html',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  nc: '00000001',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  qop: 'auth',
};
const md5 = { ...example, algorithm: 'MD5', response: '8ca523f5e9506fed4657c9700eebdbec' };
const sha = {
  ...example,
  algorithm: 'SHA-256',
  response: '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
};

describe('digest', () => {
  it('takes the examples of RFC 7616 §3.9.1 with both algorithms', () => {
    expect(checkDigest(md5, 'GET', stored)).toBe(true);
    expect(checkDigest(sha, 'GET', stored)).toBe(true);
  });

  it.each([
    ['another method', md5, 'POST', stored],
    ['another secret', { ...md5, response: '8ca523f5e9506fed4657c9700eebdbed' }, 'GET', stored],
    ['another realm', md5, 'GET', { ...stored, realm: 'elsewhere' }],
    ['an unknown log-in', md5, 'GET', null],
    ['the digest of the other algorithm', { ...sha, algorithm: 'MD5' }, 'GET', stored],
  ])('refuses %s', (_name, credentials, method, known) => {
    expect(checkDigest(credentials, method, known)).toBe(false);
  });

  it('never takes the digest that stands in for an unknown log-in', () => {
    const hash = (text: string): string => createHash('md5').update(text).digest('hex');
    const ha2 = hash(`GET:${md5.uri}`);
    const response = hash([`${'0'.repeat(64)}`, md5.nonce, md5.nc, md5.cnonce, md5.qop, ha2].join(':'));
    expect(checkDigest({ ...md5, response }, 'GET', null)).toBe(false);
  });

  it('names MD5 for credentials without an algorithm and nothing for unknown ones', () => {
    expect(algorithmOf({})).toBe('MD5');
    expect(algorithmOf({ algorithm: 'sha-256' })).toBe('SHA-256');
    expect(algorithmOf({ algorithm: 'SHA-512-256' })).toBeNull();
  });

  it('asks for qop, count and client nonce', () => {
    expect(isWellFormed(md5)).toBe(true);
    expect(isWellFormed({ ...md5, qop: 'auth-int' })).toBe(false);
    expect(isWellFormed({ ...md5, nc: '1' })).toBe(false);
    expect(isWellFormed({ ...md5, cnonce: '' })).toBe(false);
    expect(isWellFormed({ ...md5, response: 'x' })).toBe(false);
  });
});

describe('nonces', () => {
  const nonces = createNonces(60_000);

  it('are good once per count until they are old', () => {
    const nonce = nonces.issue(1_000);
    expect(nonces.check(nonce, '00000001', 2_000)).toBe('fresh');
    expect(nonces.check(nonce, '00000001', 2_000)).toBe('fresh');
    nonces.use(nonce, '00000001', 2_000);
    expect(nonces.check(nonce, '00000001', 2_001)).toBe('replayed');
    expect(nonces.check(nonce, '00000002', 2_001)).toBe('fresh');
    expect(nonces.check(nonce, '00000003', 61_001)).toBe('stale');
  });

  it('cannot be made by others, nor carried to another process', () => {
    expect(nonces.check('abc', '00000001', 0)).toBe('stale');
    expect(nonces.check(`${nonces.issue(0)}x`, '00000001', 0)).toBe('stale');
    expect(nonces.check(createNonces(60_000).issue(0), '00000001', 0)).toBe('stale');
    expect(nonces.check('x'.repeat(1000), '00000001', 0)).toBe('stale');
  });

  it('are offered in the order of preference', () => {
    const [first, second] = challenges('r', 'n', true, ['SHA-256', 'MD5']);
    expect(first).toContain('algorithm=SHA-256');
    expect(second).toContain('algorithm=MD5');
    expect(second).toContain('stale=true');
  });
});
