import { describe, expect, it } from 'vitest';
import { classify, type DestinationPrefix } from '../numbers/index.ts';
import { admit, allowanceMs, type Restriction, type Standing } from './index.ts';

const GOOD: Standing = { suspended: null, calls: [], restrictions: [], spend: [] };
const rule = (part: Partial<Restriction>): Restriction => ({
  effect: 'deny',
  kinds: [],
  countries: [],
  pattern: null,
  ...part,
});
const PRICED: DestinationPrefix[] = [
  { prefix: '+33', country: null, kind: null, label: '', microsPerMinute: 20_000, distance: 0 },
];
const outside = (dialled: string) => ({ outside: classify(dialled, 'FR', PRICED) });
const INSIDE = { outside: null };
const code = (dialled: string | null, standing: Partial<Standing>) =>
  admit(dialled === null ? INSIDE : outside(dialled), { ...GOOD, ...standing })?.code ?? 'admitted';

describe('admission', () => {
  it('lets good accounts call', () => {
    expect([code(null, {}), code('0612345678', {})]).toEqual(['admitted', 'admitted']);
  });

  it('lets nobody call on a suspended account', () => {
    expect([code(null, { suspended: 'user' }), code('0612345678', { suspended: 'reseller' })]).toEqual([
      'ADM_SUSPENDED',
      'ADM_SUSPENDED',
    ]);
  });

  it('counts calls against each limit', () => {
    const calls = (now: number, most: number | null) => ({
      calls: [
        { of: 'company' as const, now: 0, most: 5 },
        { of: 'user' as const, now, most },
      ],
    });
    expect([code(null, calls(1, 2)), code(null, calls(2, 2)), code(null, calls(9, null))]).toEqual([
      'admitted',
      'ADM_TOO_MANY_CALLS',
      'admitted',
    ]);
  });

  it('asks restrictions level by level, first rule of a level first', () => {
    const at = (...levels: [level: 'system' | 'company' | 'user', ...rules: Restriction[]][]) => ({
      restrictions: levels.map(([level, ...rules]) => ({ level, rules })),
    });
    const premium = rule({ kinds: ['premium'] });
    expect([code('0899123456', at(['company', premium])), code('0123456789', at(['company', premium]))]).toEqual([
      'ADM_RESTRICTED',
      'admitted',
    ]);
    const onlyFrance = [rule({ effect: 'allow', countries: ['FR'] }), rule({})];
    expect([
      code('+390612345678', at(['company', ...onlyFrance])),
      code('0123456789', at(['company', ...onlyFrance])),
    ]).toEqual(['ADM_RESTRICTED', 'admitted']);
    // a lower level cannot lift what a higher one forbids
    const allowed = rule({ effect: 'allow' });
    expect(code('0899123456', at(['system', premium], ['company', allowed], ['user', allowed]))).toBe('ADM_RESTRICTED');
    expect(code('0899123456', at(['system', allowed], ['user', premium]))).toBe('ADM_RESTRICTED');
    const number = rule({ pattern: '+3312345678X' });
    expect([code('0123456789', at(['user', number])), code('0123456700', at(['user', number]))]).toEqual([
      'ADM_RESTRICTED',
      'admitted',
    ]);
    // colleagues are no destination of the table
    expect(code(null, at(['system', rule({})]))).toBe('admitted');
  });

  it('stops calls that cost something once the cap is reached', () => {
    const spend = (micros: number) => ({ spend: [{ of: 'user' as const, micros, cap: 1_000_000, burning: 0 }] });
    expect([
      code('0123456789', spend(999_999)),
      code('0123456789', spend(1_000_000)),
      code('+390612345678', spend(2_000_000)),
      code(null, spend(2_000_000)),
    ]).toEqual(['admitted', 'ADM_SPEND_CAP', 'admitted', 'admitted']);
  });

  it('keeps to the plan whoever may call nothing else', () => {
    const planOnly = { planOnly: true };
    expect([code('0123456789', planOnly), code('+390612345678', planOnly), code(null, planOnly)]).toEqual([
      'ADM_PLAN_ONLY',
      'admitted',
      'admitted',
    ]);
  });

  it('asks in the order of the list: the account, its calls, restrictions, plan, caps', () => {
    const worst: Partial<Standing> = {
      planOnly: true,
      spend: [{ of: 'user', micros: 1, cap: 1, burning: 0 }],
      restrictions: [{ level: 'company', rules: [rule({})] }],
      calls: [{ of: 'user', now: 1, most: 1 }],
      suspended: 'company',
    };
    const codes: string[] = [];
    for (const { lifted } of [
      { lifted: {} },
      { lifted: { suspended: null } },
      { lifted: { calls: [] } },
      { lifted: { restrictions: [] } },
      { lifted: { planOnly: false } },
      { lifted: { spend: [] } },
    ])
      codes.push(code('0123456789', Object.assign(worst, lifted)));
    expect(codes).toEqual([
      'ADM_SUSPENDED',
      'ADM_TOO_MANY_CALLS',
      'ADM_RESTRICTED',
      'ADM_PLAN_ONLY',
      'ADM_SPEND_CAP',
      'admitted',
    ]);
  });

  it('says how long the nearest cap still lasts', () => {
    const cap = (micros: number, burning: number) => ({ of: 'user' as const, micros, cap: 60_000, burning });
    expect(allowanceMs({ spend: [] }, 20_000)).toBeNull();
    expect(allowanceMs({ spend: [cap(0, 0)] }, 0)).toBeNull();
    expect(allowanceMs({ spend: [cap(0, 0)] }, 20_000)).toBe(180_000);
    expect(allowanceMs({ spend: [cap(0, 0), cap(40_000, 0)] }, 20_000)).toBe(60_000);
    // two calls at once burn twice as fast
    expect(allowanceMs({ spend: [cap(20_000, 20_000)] }, 20_000)).toBe(60_000);
    expect(allowanceMs({ spend: [cap(70_000, 20_000)] }, 0)).toBe(0);
  });

  it('never refuses an emergency call', () => {
    const worst: Standing = {
      suspended: 'system',
      calls: [{ of: 'company', now: 9, most: 1 }],
      restrictions: [{ level: 'system', rules: [rule({})] }],
      spend: [{ of: 'company', micros: 9, cap: 1, burning: 0 }],
    };
    expect(admit(outside('112'), worst)).toBeNull();
    expect(admit(outside('0612345678'), worst)).toMatchObject({
      code: 'ADM_SUSPENDED',
      check: 'account-state',
      cause: 'forbidden',
      announcement: 'suspended',
    });
  });
});
