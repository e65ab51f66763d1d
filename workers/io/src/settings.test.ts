import { expect, it } from 'vitest';
import { ioSettings } from './settings.ts';
import { RefusedUrl, urlGuard } from './url-guard.ts';

const NEEDED = { TEMPORAL_ADDRESS: '127.0.0.1:7233', DATABASE_URL: 'postgres://x', CALLWRIGHT_SECRET_KEY_FILE: '/x' };

it('lets requests reach the installation’s own receivers by each of its names, and nothing else of it', () => {
  const { allowed } = ioSettings({
    ...NEEDED,
    CALLWRIGHT_HTTP_PORT: '8080',
    CALLWRIGHT_BIND: '0.0.0.0',
    CALLWRIGHT_PUBLIC_ADDRESS: '192.168.1.5',
  });
  const guard = urlGuard(allowed);
  for (const host of ['localhost', '127.0.0.1', '[::1]', '192.168.1.5'])
    expect(guard.check(`http://${host}:8080/partners/acme/receivers/k/log.php?x=1`).port).toBe('8080');
  for (const path of [
    ':8080/api/v1/users',
    ':8080/partners/../api/v1/users',
    ':8081/partners/',
    '/partners/',
    ':8080/partnersx/',
  ])
    expect(() => guard.check(`http://127.0.0.1${path}`)).toThrow(RefusedUrl);
  expect(() => guard.check('http://10.0.0.1:8080/partners/')).toThrow(RefusedUrl);
});

it('knows none when it is not told a port', () => {
  expect(ioSettings(NEEDED).allowed).toEqual([]);
});
