import { expect, test } from 'vitest';
import { renderMail } from './templates.ts';

const mail = {
  template: 'voicemail',
  language: 'fr-FR',
  timeZone: 'Europe/Paris',
  brand: 'Telco',
  variables: { box: 'Bob', number: '+33123456789', name: 'Ada', seconds: '12', at: '2026-03-02T10:00:00Z' },
};

test('speaks the reader’s language, in his time, under the owner’s name', () => {
  const rendered = renderMail(mail);
  expect(rendered?.subject).toBe('Nouveau message vocal de Ada, +33123456789');
  expect(rendered?.text).toContain('12 secondes');
  expect(rendered?.text).toMatch(/2 mars 2026.*11:00/);
  expect(rendered?.text).toContain('-- \nTelco');
});

test('a name from outside makes no header of its own', () => {
  const hostile = { ...mail, variables: { ...mail.variables, name: 'Eve\r\nBcc: all@victims.test' } };
  expect(renderMail(hostile)?.subject).not.toMatch(/[\r\n]/);
});

test('other languages are answered in English, unknown templates and zones do not throw', () => {
  expect(renderMail({ ...mail, language: 'de' })?.subject).toBe('New voicemail from Ada, +33123456789');
  expect(renderMail({ ...mail, template: 'constructor' })).toBeNull();
  expect(renderMail({ ...mail, timeZone: 'Mars/Base' })?.text).toContain('10:00');
});

test('an unknown caller is called so', () => {
  const variables = { ...mail.variables, number: '', name: '' };
  expect(renderMail({ ...mail, language: 'it', variables })?.subject).toContain('numero sconosciuto');
});
