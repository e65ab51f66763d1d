import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

const codeOf = (env: Record<string, string>) => {
  try {
    readSettings(env, '/checkout');
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('readSettings', () => {
  it('has a default for everything', () => {
    const settings = readSettings({}, '/checkout');
    expect(settings).toMatchObject({
      dataDir: '/checkout/.data',
      mediaDir: '/checkout/.data/media',
      bind: '127.0.0.1',
      ports: { http: 8080, sip: 5060 },
      rtpPorts: '20000-29999',
      namespace: 'default',
    });
    expect(settings.drachtio).toBeUndefined();
  });

  it('announces a reachable address when it listens on all', () => {
    expect(readSettings({ CALLWRIGHT_BIND: '0.0.0.0' }, '/').publicAddress).toBe('127.0.0.1');
    expect(readSettings({ CALLWRIGHT_BIND: '10.0.0.5' }, '/').publicAddress).toBe('10.0.0.5');
  });

  it.each([
    { CALLWRIGHT_HTTP_PORT: '0' },
    { CALLWRIGHT_HTTP_PORT: 'eighty' },
    { CALLWRIGHT_SIP_PORT: '70000' },
    { CALLWRIGHT_RTP_PORTS: '20000' },
    { CALLWRIGHT_RTP_PORTS: '30000-20000' },
    { CALLWRIGHT_INSTANCE_NAME: 'Ä b' },
    { TEMPORAL_ADDRESS: 'localhost' },
    { DRACHTIO_HOST: 'localhost:9022' },
    { FREESWITCH_HOST: 'localhost', FREESWITCH_SECRET: 'x' },
    { DATABASE_URL: 'mysql://localhost/x' },
  ] as Record<string, string>[])('refuses %j', (env) => {
    expect(codeOf(env)).toBe('STA_BAD_SETTING');
  });

  it('never shows what may be a password', () => {
    expect(() => readSettings({ DATABASE_URL: 'nonsense:secret@host' }, '/')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});
