import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { partnerConformance, type Sample, wireRequest } from '../src/conformance.ts';
import { FAKE_USERS, fakeHost } from '../src/fake-host.ts';
import { Settings } from './settings.ts';
import { fromLocalTime, localTime } from './voispeed.codec.ts';
import { voispeed } from './voispeed.contract.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const samples = readdirSync(new URL('./fixtures', import.meta.url)).map(
  (file) => JSON.parse(read(`./fixtures/${file}`)) as Sample,
);

partnerConformance({ describe, it, expect }, voispeed, { extendedLevel: true }, samples, read('./voispeed.md'));

const ask = async (query: string, given: object = {}, host = fakeHost()) => {
  const module = { id: 'm', name: 'Test', settings: Settings.parse({ extendedLevel: true, ...given }) };
  const request = wireRequest('GET', `/PBX/seri_endpoint.php?${query}`);
  return (await voispeed.answer(request, module, host)).body;
};
const error = (text: string) => /<error>(.*)<\/error>/.exec(text)?.[1];

describe('what is refused', () => {
  it.each([
    ['service=nothing', 'service not found'],
    ['service=call_request&number=1', 'missing parameter: ext'],
    ['service=call_request&ext=35', 'missing parameter: number'],
    ['service=call_request&ext=35&number=abc', 'invalid parameter: number'],
    ['service=call_request&ext=99&number=1', 'extension not found'],
    ['service=call_request&ext=35&number=1&device=pager', 'invalid parameter: device'],
    ['service=call_action&ext=35&call_id=9&action=disconnect', 'call not found'],
    ['service=call_action&ext=40&call_id=3250&action=disconnect', 'call not found'],
    ['service=call_action&ext=35&call_id=3250&action=sing', 'invalid parameter: action'],
    ['service=set_user_mode&ext=35&mode=9', 'invalid parameter: mode'],
    ['service=set_user_mode&ext=35&mode=4', 'missing parameter: number'],
    ['service=get_entities', 'missing parameter: entity_type'],
    ['service=get_entities&entity_type=99', 'invalid parameter: entity_type'],
    ['service=get_entities&entity_type=0&entity_id=77', 'entity not found'],
    [
      'service=call_request_ext&calling_type=2&calling_id=2&called_type=3&called_id=1',
      'missing parameter: number of the gateway',
    ],
    ['service=call_recording_ext&call_id=9', 'call not found'],
    ['service=call_recording_ext&call_id=3250&recording=maybe', 'invalid parameter: recording'],
    ['service=call_request&ext=35&number=1&device=usb', 'terminal not found'],
    [
      'service=call_request_ext&calling_type=3&calling_id=1&called_type=3&called_id=1',
      'invalid parameter: calling_type',
    ],
  ])('%s', async (query, text) => {
    const host = fakeHost();
    expect(error(await ask(query, {}, host))).toBe(text);
    expect(host.asked).toEqual([]);
  });

  it('a call for a user who is away', async () => {
    const away = { ...fakeHost(), users: async () => [{ ...FAKE_USERS[0], mode: 'away' }] };
    expect(error(await ask('service=call_request&ext=35&number=187', {}, away as never))).toBe('call not allowed');
    expect(away.asked).toEqual([]);
  });

  it('what the module is not set for', async () => {
    expect(error(await ask('service=call_request&ext=35&number=1', { extensions: ['39'] }))).toBe(
      'extension not enabled for this integration',
    );
    expect(error(await ask('service=call_terminate&call_id=3250', { extendedLevel: false }))).toBe(
      'service not enabled',
    );
    expect(error(await ask('service=call_request&ext=35&number=1', { commands: false }))).toBe('service not enabled');
    expect(error(await ask('service=get_phonebook&search=x', { addressBook: false }))).toBe('service not enabled');
  });
});

describe('the phonebook', () => {
  const sync = async (contacts: unknown, host = fakeHost(), given: object = {}) => {
    const body = new URLSearchParams({ contacts: JSON.stringify(contacts), verbose_output: '1' }).toString();
    const module = { id: 'm', name: 'Test', settings: Settings.parse(given) };
    const request = wireRequest('POST', '/PBX/seri_endpoint.php?service=phonebook_import_sync', body);
    return (await voispeed.answer(request, module, host)).body;
  };
  const contact = (n: number, more: object = {}) => ({
    name: `N${n}`,
    nummobile: '+39 333 987',
    uc_app_name: 'HBO',
    uc_external_id: `c-${n}`,
    ...more,
  });

  it('sends the same batch twice: first inserts, then only updates', async () => {
    const host = fakeHost();
    const all = [contact(1), contact(2)];
    expect((await sync(all, host)).match(/<act>insert/g)).toHaveLength(2);
    const again = await sync(all, host);
    expect(again.match(/<act>update/g)).toHaveLength(2);
    expect(again).not.toContain('insert');
    expect((await host.contact({ scheme: 'HBO', value: 'c-1' }))?.numbers).toEqual([
      { kind: 'mobile', number: '+39333987' },
    ]);
  });

  it('skips what cannot be imported, warns of what was changed, keeps what did not come', async () => {
    const host = fakeHost();
    const answer = await sync(
      [
        contact(1, { email: 'a@b' }),
        'text',
        contact(2, { uc_app_name: '' }),
        contact(3, { name: '' }),
        contact(4, { nummobile: 'none' }),
        contact(5, { ext_info: '{' }),
      ],
      host,
    );
    for (const [tag, count] of [
      ['processed', 6],
      ['skipped', 4],
      ['warnings', 2],
      ['errors', 0],
    ] as const)
      expect(answer).toContain(`<${tag}>${count}</${tag}>`);
    await sync([{ uc_app_name: 'HBO', uc_external_id: 'c-1', company: 'New', nummobile: '', email: 'a@b' }], host);
    expect(await host.contact({ scheme: 'HBO', value: 'c-1' })).toMatchObject({
      givenName: 'N1',
      organisation: 'New',
      numbers: [],
    });
    expect(await sync([contact(7)], host, { application: 'OTHER' })).toContain('<skipped>1</skipped>');
    expect(error(await sync({}, host))).toBe('invalid parameter: contacts');
  });
});

it('reads local times as it prints them, around a change of the clock too', () => {
  for (const at of [Date.UTC(2024, 2, 31, 0, 30), Date.UTC(2024, 2, 31, 1, 30), Date.UTC(2024, 6, 1)])
    expect(fromLocalTime(localTime(at, 'Europe/Rome'), 'Europe/Rome')).toBe(at);
  expect(fromLocalTime('2024-01-31', 'Europe/Rome', true)).toBe(Date.UTC(2024, 0, 31, 22, 59, 59, 999));
  expect(fromLocalTime('yesterday', 'Europe/Rome')).toBe(null);
});
