import { describe, expect, it } from 'vitest';
import { calledNumber, callerHeaders, outboundNumber, type Presented, trunkCaller } from './presentation.ts';

const plain = { number_form: 'e164', outbound_strip: 0, outbound_prefix: '' } as const;

describe('the number dialled', () => {
  it.each([
    ['e164', '06 12 34 56 78', '+33612345678'],
    ['digits', '0612345678', '33612345678'],
    ['international', '0612345678', '0033612345678'],
    ['national', '+33612345678', '0612345678'],
    ['national', '+390212345678', '00390212345678'],
    ['dialled', '0612345678', '0612345678'],
  ] as const)('as %s: %s becomes %s', (number_form, dialled, expected) => {
    expect(outboundNumber({ ...plain, number_form }, dialled, 'FR')).toBe(expected);
  });
  it('is cut and prefixed, and never carries what is no key', () => {
    expect(outboundNumber({ ...plain, outbound_strip: 3, outbound_prefix: '9' }, '+33612345678', 'FR')).toBe(
      '9612345678',
    );
    expect(outboundNumber(plain, '15;x=1>', undefined)).toBe('151');
  });
});

describe('the number called', () => {
  const trunk = { called_from: 'request', contactUser: 'tok', inbound_strip: 0, inbound_prefix: '' } as const;
  it('stands in the Request-URI, or in To', () => {
    expect(calledNumber(trunk, '390211', '<sip:390222@h>')).toBe('390211');
    expect(calledNumber({ ...trunk, called_from: 'to' }, '390211', '<sip:390222@h>')).toBe('390222');
  });
  it('stands in To when the request goes to our Contact', () => {
    expect(calledNumber(trunk, 'tok', '"x" <sip:+390222@h>;tag=1')).toBe('+390222');
    expect(calledNumber(trunk, 'tok', 'nonsense')).toBe('');
  });
  it('is edited', () => {
    expect(calledNumber({ ...trunk, inbound_strip: 1, inbound_prefix: '+39' }, '0211', '')).toBe('+39211');
  });
});

describe('the caller', () => {
  const from = '"Eve" <sip:0612345678@h>;tag=1';
  const asserted = '"Ann" <sip:+33144444444@h>, <tel:+33144444444>';
  it('is the asserted one only where the trunk is trusted', () => {
    expect(trunkCaller({ trusted: true }, { from, asserted, privacy: undefined }, 'FR')).toEqual({
      number: '+33144444444',
      name: 'Ann',
    });
    expect(trunkCaller({ trusted: false }, { from, asserted, privacy: undefined }, 'FR')).toEqual({
      number: '+33612345678',
      name: 'Eve',
    });
  });
  it('is nobody where privacy is asked for, or From is anonymous', () => {
    const nobody = { number: '', name: '' };
    expect(trunkCaller({ trusted: true }, { from, asserted, privacy: 'id;critical' }, 'FR')).toEqual(nobody);
    const anonymous = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1';
    expect(trunkCaller({ trusted: false }, { from: anonymous, asserted, privacy: undefined }, 'FR')).toEqual(nobody);
  });
  it('keeps control characters out', () => {
    const dirty = { from: '"A\u0007B" <sip:12%0034@h>', asserted: undefined, privacy: undefined };
    expect(trunkCaller({ trusted: false }, dirty, undefined)).toEqual({ number: '', name: 'AB' });
  });
});

describe('who calls, as the trunk is told', () => {
  const trunk = {
    caller_id: 'given',
    default_number: '+390299999',
    default_name: 'Acme',
    identity: 'asserted',
    trusted: true,
    from_user: null,
    from_domain: 'acme.test',
    mode: 'peer',
    host: 'carrier.test',
    number_form: 'e164',
    tell_diversion: true,
  } as const;
  const caller: Presented = {
    number: '+390211111',
    name: 'Ann "A"',
    isExtension: false,
    ownNumber: '+390222222',
    country: 'IT',
    ownHost: '192.0.2.1',
  };
  it('is the number given; an extension gives way to the user’s own number, then to the trunk’s', () => {
    expect(callerHeaders(trunk, caller)).toEqual({
      From: '"Ann \\"A\\"" <sip:+390211111@acme.test>',
      'P-Asserted-Identity': '"Ann \\"A\\"" <sip:+390211111@acme.test>',
    });
    expect(callerHeaders(trunk, { ...caller, number: '101', isExtension: true }).From).toContain('+390222222');
    expect(callerHeaders(trunk, { ...caller, number: '101', isExtension: true, ownNumber: null }).From).toContain(
      '+390299999',
    );
  });
  it('is the trunk’s own, or the user’s, where the trunk says so', () => {
    expect(callerHeaders({ ...trunk, caller_id: 'trunk' }, caller).From).toBe('"Acme" <sip:+390299999@acme.test>');
    expect(callerHeaders({ ...trunk, caller_id: 'own' }, caller).From).toContain('+390222222');
  });
  it('is hidden where the caller or the trunk wants it, its identity for the trusted carrier only', () => {
    const hidden = callerHeaders({ ...trunk, caller_id: 'anonymous' }, caller);
    expect(hidden).toEqual({
      From: '"Anonymous" <sip:anonymous@anonymous.invalid>',
      'P-Asserted-Identity': '<sip:+390222222@acme.test>',
      Privacy: 'id',
    });
    const untrusted = callerHeaders({ ...trunk, trusted: false }, { ...caller, number: '', name: 'Ann' });
    expect(untrusted).toEqual({ From: '"Anonymous" <sip:anonymous@anonymous.invalid>', Privacy: 'id' });
  });
  it('stands in the account where there is one, by preference where the trunk does not assert', () => {
    const told = callerHeaders(
      { ...trunk, from_user: 'acme', from_domain: null, mode: 'register', identity: 'preferred' },
      caller,
    );
    expect(told.From).toContain('<sip:acme@carrier.test>');
    expect(told['P-Preferred-Identity']).toContain('<sip:+390211111@carrier.test>');
  });
  it('says from whom the call was forwarded, unless the trunk is not to know', () => {
    const diverted = [
      { number: '+390233333', reason: 'no-answer' },
      { number: '+390244444', reason: 'unconditional' },
    ] as const;
    expect(callerHeaders(trunk, caller, diverted)).toMatchObject({
      Diversion:
        '<sip:+390233333@acme.test>;reason=no-answer;counter=1, <sip:+390244444@acme.test>;reason=unconditional;counter=1',
      'History-Info': '<sip:+390244444@acme.test;cause=302>;index=1, <sip:+390233333@acme.test;cause=408>;index=1.1',
    });
    expect(callerHeaders({ ...trunk, tell_diversion: false }, caller, diverted)).not.toHaveProperty('Diversion');
  });
  it('cannot break out of its header', () => {
    const told = callerHeaders(trunk, { ...caller, name: 'x"\r\nEvil: 1', number: '+39"\r\n1' });
    for (const value of Object.values(told)) expect(value).not.toMatch(/[\r\n]/);
  });
});
