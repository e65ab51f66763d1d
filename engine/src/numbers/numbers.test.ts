import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classify,
  type DestinationPrefix,
  displayNumber,
  isEmergencyNumber,
  numberForms,
  spellings,
  toE164,
} from './index.ts';

describe('numbers', () => {
  it('are read in the country of the company', () => {
    expect(numberForms('06 12 34 56 78', 'FR')).toEqual({
      dialled: '0612345678',
      e164: '+33612345678',
      national: '0612345678',
      country: 'FR',
    });
    // Italian numbers keep their zero
    expect(numberForms('06 1234 5678', 'IT')).toMatchObject({ e164: '+390612345678', national: '0612345678' });
    expect(toE164('(212) 555-0123', 'US')).toBe('+12125550123');
    for (const international of ['+33612345678', '0033612345678', '+33 6 12-34.56/78']) {
      for (const country of ['IT', 'US', undefined, 'XX']) expect(toE164(international, country)).toBe('+33612345678');
    }
  });

  it('are none where no plan has them', () => {
    for (const text of [
      '101',
      '*98',
      '',
      '+',
      'abc',
      '+999123456789',
      '12345678901234567890123',
      'sip:a@b',
      '+3361234',
    ]) {
      expect([text, toE164(text, 'FR')]).toEqual([text, null]);
    }
    expect(toE164('0612345678', undefined)).toBeNull();
    expect(toE164('0612345678', '__proto__')).toBeNull();
  });

  it('come back the same from E.164, whatever was dialled', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[+0-9 ().*#-]{0,24}$/),
        fc.constantFrom('FR', 'IT', 'US', 'GB', undefined),
        (text, country) => {
          const e164 = toE164(text, country);
          if (e164 === null) return;
          expect(e164).toMatch(/^\+[1-9][0-9]{4,14}$/);
          expect(toE164(e164)).toBe(e164);
          expect(spellings(text, country)).toContain(e164);
        },
      ),
    );
  });

  it('are shown as people at home write them', () => {
    expect(displayNumber('+33612345678', 'FR')).toBe('06 12 34 56 78');
    expect(displayNumber('+33612345678', 'IT')).toBe('+33 6 12 34 56 78');
    expect(displayNumber('101', 'FR')).toBe('101');
  });

  it('stand in a directory in several spellings', () => {
    expect(spellings('06 12 34 56 78', 'FR')).toEqual(['06 12 34 56 78', '0612345678', '+33612345678']);
    expect(spellings('+33612345678', 'FR')).toEqual(['+33612345678', '0612345678']);
    expect(spellings('+33612345678', 'DE')).toEqual(['+33612345678']);
    expect(spellings('390612345678')).toEqual(['390612345678', '+390612345678']);
    expect(spellings('101', 'FR')).toEqual(['101']);
  });
});

describe('classes of destinations', () => {
  const row = (prefix: string, part: Partial<DestinationPrefix>): DestinationPrefix => ({
    prefix,
    country: null,
    kind: 'fixed',
    label: '',
    microsPerMinute: null,
    distance: 0,
    ...part,
  });

  it('follow the plan of the number’s own country', () => {
    const kind = (dialled: string, country: string) => classify(dialled, country).kind;
    expect(kind('0612345678', 'FR')).toBe('mobile');
    expect(kind('0123456789', 'FR')).toBe('fixed');
    expect(kind('0899123456', 'FR')).toBe('premium');
    expect(kind('0800123456', 'FR')).toBe('toll-free');
    expect(kind('3123456789', 'IT')).toBe('mobile');
    expect(kind('+39 06 1234 5678', 'FR')).toBe('fixed');
    expect(kind('3900', 'FR')).toBe('special');
    expect(classify('0039 06 1234 5678', 'FR')).toMatchObject({ country: 'IT', e164: '+390612345678' });
  });

  it('know emergency numbers by country, exactly', () => {
    expect(classify('112', 'FR').kind).toBe('emergency');
    expect(classify('911', 'US').kind).toBe('emergency');
    expect(classify('911', 'FR').kind).toBe('special');
    expect(classify('1121', 'FR').kind).toBe('special');
    expect(isEmergencyNumber('112', undefined)).toBe(true);
    expect(isEmergencyNumber('999', 'GB')).toBe(true);
    expect(isEmergencyNumber('101', 'FR')).toBe(false);
  });

  it('take the longest prefix, and of equal ones the nearest owner’s', () => {
    const rows = [
      row('+33', { kind: 'fixed', label: 'France', microsPerMinute: 10_000, distance: 2 }),
      row('+336', { kind: 'mobile', label: 'far', microsPerMinute: 50_000, distance: 2 }),
      row('+336', { kind: 'mobile', label: 'near', microsPerMinute: 40_000, distance: 0 }),
      row('39', { kind: 'premium', label: 'short codes 39xx' }),
      row('117', { kind: 'emergency', label: 'Guardia di Finanza' }),
    ];
    expect(classify('0612345678', 'FR', rows)).toMatchObject({
      label: 'near',
      microsPerMinute: 40_000,
      prefix: '+336',
    });
    expect(classify('0123456789', 'FR', rows)).toMatchObject({ label: 'France', kind: 'fixed' });
    expect(classify('3912', 'FR', rows)).toMatchObject({ kind: 'premium', prefix: '39' });
    expect(classify('117', 'IT', rows)).toMatchObject({ kind: 'emergency', label: 'Guardia di Finanza' });
    expect(classify('1170', 'IT', rows)).toMatchObject({ kind: 'special', prefix: null });
  });
});
