import { describe, expect, it } from 'vitest';
import { readEnvironment } from './environment.ts';

const complete = {
  DATABASE_URL: 'postgres://x',
  TEMPORAL_ADDRESS: '127.0.0.1:7233',
  DRACHTIO_HOST: '127.0.0.1:9022',
  DRACHTIO_SECRET: 'a',
  FREESWITCH_HOST: '[::1]:8021',
  FREESWITCH_SECRET: 'b',
  CALLWRIGHT_MEDIA_DIR: '/media',
  CALLWRIGHT_SECRET_KEY_FILE: '/key',
};

describe('settings', () => {
  it('have defaults for what may be left out', () => {
    expect(readEnvironment(complete)).toMatchObject({
      drachtio: { host: '127.0.0.1', port: 9022 },
      freeswitch: { host: '::1', port: 8021 },
      instanceName: 'main',
      bind: '127.0.0.1',
      maxCalls: 500,
      capLoopback: false,
      digestAlgorithms: ['MD5'],
      allowedSip: [],
      callsQueue: 'calls',
      metricsPort: 0,
    });
  });

  it('take only SIP entries of the list of allowed URLs', () => {
    const settings = readEnvironment({
      ...complete,
      CALLWRIGHT_ALLOW_URLS: 'http://10.0.0.1/, sip:10.0.0.2:5070 sips:x.example',
    });
    expect(settings.allowedSip).toEqual(['sip:10.0.0.2:5070', 'sips:x.example']);
  });

  it('cap this machine’s own strangers when a cap is asked for', () => {
    expect(readEnvironment({ ...complete, CALLWRIGHT_MAX_CALLS_PER_SOURCE: '3' })).toMatchObject({
      maxCallsPerSource: 3,
      capLoopback: true,
    });
  });

  it.each([
    ['DATABASE_URL', ''],
    ['DRACHTIO_HOST', 'nowhere'],
    ['FREESWITCH_HOST', 'h:99999'],
    ['DRACHTIO_SECRET', ''],
    ['CALLWRIGHT_MAX_CALLS', '-1'],
    ['CALLWRIGHT_MAX_CALLS', 'many'],
    ['CALLWRIGHT_INSTANCE_NAME', 'a b'],
    ['CALLWRIGHT_LOG_LEVEL', 'loud'],
    ['CALLWRIGHT_SESSION_EXPIRES', '30'],
  ])('refuse %s=%j in one sentence that names it', (name, value) => {
    expect(() => readEnvironment({ ...complete, [name]: value })).toThrow(name);
  });
});
