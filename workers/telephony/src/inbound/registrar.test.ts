import { describe, expect, it } from 'vitest';
import { readContacts } from './registrar.ts';

describe('contacts of a REGISTER', () => {
  it('takes several, each with its own time or the general one, capped', () => {
    expect(readContacts('<sip:a@h>;expires=120, "B" <sip:b@h:5070;transport=tcp>', '90000')).toEqual({
      ok: true,
      contacts: [
        { contact: 'sip:a@h', expires: 120 },
        { contact: 'sip:b@h:5070;transport=tcp', expires: 3600 },
      ],
    });
  });
  it('takes preference and flow where they are well formed, and leaves them out where they are not', () => {
    const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"';
    const flow = { instanceId: '<urn:uuid:00000000-0000-1000-8000-000A95A0E128>', regId: 1 };
    expect(readContacts(`<sip:a@h>;q=0.7;reg-id=1;${instance}`, '60')).toEqual({
      ok: true,
      contacts: [{ contact: 'sip:a@h', expires: 60, q: 0.7, flow }],
    });
    for (const bad of ['q=2', 'q=-1', 'q=x', 'reg-id=1', `reg-id=0;${instance}`, 'reg-id=1;+sip.instance="x"'])
      expect(readContacts(`<sip:a@h>;${bad}`, '60')).toEqual({
        ok: true,
        contacts: [{ contact: 'sip:a@h', expires: 60 }],
      });
  });
  it('removes one, or all', () => {
    expect(readContacts('<sip:a@h>;expires=0', undefined)).toEqual({
      ok: true,
      contacts: [{ contact: 'sip:a@h', expires: 0 }],
    });
    expect(readContacts('*', '0')).toEqual({ ok: true, contacts: 'all' });
  });
  it('asks what is there', () => {
    expect(readContacts(undefined, undefined)).toEqual({ ok: true, contacts: 'none' });
  });
  it('refuses a star without a zero, too short a time and what is no SIP URI', () => {
    expect(readContacts('*', undefined)).toEqual({ ok: false, status: 400 });
    expect(readContacts('*', '3600')).toEqual({ ok: false, status: 400 });
    expect(readContacts('*, <sip:a@h>', '0')).toEqual({ ok: false, status: 400 });
    expect(readContacts('<sip:a@h>;expires=30', undefined)).toEqual({ ok: false, status: 423 });
    expect(readContacts('<sip:a@h>', '59')).toEqual({ ok: false, status: 423 });
    expect(readContacts('<mailto:a@h>', undefined)).toEqual({ ok: false, status: 400 });
    expect(readContacts(Array.from({ length: 51 }, (_v, i) => `<sip:a${i}@h>`).join(','), undefined)).toEqual({
      ok: false,
      status: 400,
    });
  });
  it('reads a time that is none as an hour', () => {
    expect(readContacts('<sip:a@h>;expires=soon', undefined)).toEqual({
      ok: true,
      contacts: [{ contact: 'sip:a@h', expires: 3600 }],
    });
  });
});
