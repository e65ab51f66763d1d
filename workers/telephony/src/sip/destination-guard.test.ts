import { describe, expect, it } from 'vitest';
import { createDestinationGuard } from './destination-guard.ts';
import { readReferTo } from './refer.ts';

const names: Record<string, string> = {
  'pbx.example': '198.51.100.7',
  'inside.example': '10.0.0.5',
  'six.example': '2001:db8::1',
};
const resolve = async (host: string): Promise<string | null> => names[host] ?? null;

describe('guard of SIP destinations', () => {
  const guard = createDestinationGuard([], resolve);

  it('sends to the very address it checked', async () => {
    expect(
      await createDestinationGuard([], async () => '93.184.216.34').check('sip:bob@pbx.example;transport=tcp'),
    ).toEqual({
      uri: 'sip:bob@pbx.example;transport=tcp',
      proxy: 'sip:93.184.216.34:5060;transport=tcp',
    });
  });

  it.each([
    'sip:a@127.0.0.1',
    'sip:a@[::1]',
    'sip:a@[::ffff:127.0.0.1]',
    'sip:a@10.1.2.3',
    'sip:a@192.168.0.1:5080',
    'sip:a@169.254.169.254',
    'sip:a@0.0.0.0',
    'sip:a@inside.example',
    'sip:a@unknown.example',
    'tel:+123',
    'http://pbx.example',
    'sip:a@8.8.8.8\r\nVia: x',
  ])('refuses %j', async (uri) => {
    expect(await guard.check(uri)).toBeNull();
  });

  it('lets through what is allowed by host, with or without a port', async () => {
    const check = (rule: string, uri: string): Promise<unknown> => createDestinationGuard([rule], resolve).check(uri);
    expect(await check('sip:127.0.0.1:5071', 'sip:a@127.0.0.1:5071')).not.toBeNull();
    expect(await check('sip:127.0.0.1:5071', 'sip:a@127.0.0.1:5072')).toBeNull();
    expect(await check('sip:inside.example', 'sip:a@inside.example')).not.toBeNull();
    expect(await check('sip:10.0.0.5', 'sip:a@inside.example')).not.toBeNull();
    expect(await check('sip:inside.example', 'sip:a@10.0.0.6')).toBeNull();
    expect(await check('http://127.0.0.1/', 'sip:a@127.0.0.1')).toBeNull();
  });
});

describe('Refer-To', () => {
  it('is a number of ours under a name of ours, else a URI', () => {
    expect(readReferTo('<sip:102@pbx.local:5060>', ['pbx.local'])).toEqual({ target: '102', replaces: null });
    expect(readReferTo('sip:x@elsewhere.org', ['pbx.local'])).toEqual({
      target: 'sip:x@elsewhere.org',
      replaces: null,
    });
    expect(readReferTo('<tel:+49301>', [])).toEqual({ target: '+49301', replaces: null });
  });
  it('names the dialog to be replaced', () => {
    expect(readReferTo('<sip:102@pbx.local?Replaces=abc%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>', ['pbx.local'])).toEqual({
      target: '102',
      replaces: { sipCallId: 'abc@h', toTag: '1', fromTag: '2' },
    });
  });
  it('can be nonsense', () => {
    expect(readReferTo(undefined, [])).toBeNull();
    expect(readReferTo('<mailto:x@y>', [])).toBeNull();
  });
});
