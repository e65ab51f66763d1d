/** What a synchronised contact carries beside its numbers is there for who looks it up during a call (V-043, V-092). */
import { expect, it } from 'vitest';
import { wireRequest } from '../src/conformance.ts';
import { fakeHost } from '../src/fake-host.ts';
import { Settings } from './settings.ts';
import { voispeed } from './voispeed.contract.ts';

it('ext_info is in the answer of a search, escaped; a contact without it has no such element', async () => {
  const host = fakeHost();
  const module = { id: 'm', name: 'Test', settings: Settings.parse({}) };
  const key = (n: number) => ({ nummobile: `33398765${n}`, uc_app_name: 'HBO', uc_external_id: `c-${n}` });
  const contacts = [
    {
      name: 'Gustavo',
      ...key(1),
      ext_info: [
        { caption: 'Sale', value: '1000 EUR' },
        { caption: '<b>', value: 7 },
      ],
    },
    { name: 'Gustava', ...key(2) },
  ];
  const body = new URLSearchParams({ contacts: JSON.stringify(contacts) }).toString();
  const path = '/PBX/seri_endpoint.php?service=';
  await voispeed.answer(wireRequest('POST', `${path}phonebook_import_sync`, body), module, host);
  const found = await voispeed.answer(wireRequest('GET', `${path}get_phonebook&search=gustav`), module, host);
  const [first, second] = found.body.split('</contact>');
  expect(first!.replaceAll('\n', '')).toContain(
    '<ext_info><info><caption>Sale</caption><value>1000 EUR</value></info><info><caption>&lt;b&gt;</caption><value>7</value></info></ext_info>',
  );
  expect(second).toContain('Gustava');
  expect(second).not.toContain('ext_info');
});
