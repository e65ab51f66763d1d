import { describe, expect, it } from 'vitest';
import { allowedUrls, isPublicAddress, RefusedUrl, urlGuard } from './url-guard.ts';

describe('public addresses', () => {
  it.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '192.0.0.8',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    '::127.0.0.1',
    'example.com',
    '',
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('url guard', () => {
  const guard = urlGuard(allowedUrls('http://127.0.0.1:9000/hooks, https://crm.internal sip:10.0.0.1'));

  it.each([
    'http://localhost.localdomain@127.0.0.1/',
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://127.0.0.1:9000/',
    'http://127.0.0.1:9000/hookset',
    'http://127.0.0.1:9001/hooks',
    'https://127.0.0.1:9000/hooks',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://example.com',
    'http://user:secret@example.com/',
    'not a url',
    '',
  ])('refuses %s', (url) => {
    expect(() => guard.check(url)).toThrow(RefusedUrl);
  });

  it.each([
    'https://example.com/a?b=c',
    'http://8.8.8.8/',
    'http://127.0.0.1:9000/hooks',
    'http://127.0.0.1:9000/hooks/1?x',
    'https://crm.internal/any',
  ])('lets %s pass', (url) => {
    expect(guard.check(url).href).toContain('http');
  });

  it('is not led astray by dots in a path that is allowed', () => {
    expect(() => guard.check('http://127.0.0.1:9000/hooks/../admin')).toThrow(RefusedUrl);
    expect(() => guard.check('http://127.0.0.1:9000/hooks/%2e%2e/admin')).toThrow(RefusedUrl);
  });

  it('says which entry of the list is wrong', () => {
    expect(() => allowedUrls('https://a.example ftp://b.example')).toThrow('ftp://b.example');
  });

  const resolving = (addresses: readonly string[]) => {
    const resolve = ((_name: string, _options: object, done: (error: null, found: object[]) => void) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as never;
    const { lookup } = urlGuard([], resolve);
    return new Promise((found, failed) => {
      lookup('name.example', { all: true }, (error, result) => (error ? failed(error) : found(result)));
    });
  };

  it('connects to the addresses it checked, and to none when one of them is internal', async () => {
    await expect(resolving(['8.8.8.8'])).resolves.toEqual([{ address: '8.8.8.8', family: 4 }]);
    await expect(resolving(['8.8.8.8', '10.0.0.1'])).rejects.toBeInstanceOf(RefusedUrl);
    await expect(resolving(['::1'])).rejects.toBeInstanceOf(RefusedUrl);
    await expect(resolving([])).rejects.toBeInstanceOf(RefusedUrl);
  });
});
