import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, spellings } from '../numbers/index.ts';
import type { Calendar } from '../protocol/index.ts';
import { type RouteAttempt, type RoutingRule, type RoutingTable, route } from './route.ts';

const NOTHING: RoutingTable = {
  rules: [],
  extension: null,
  number: null,
  feature: null,
  screened: null,
  defaultDestination: null,
  trunks: ['t1', 't2'],
  emergencyTrunks: [],
};
/** Monday, 12:00 in Paris. */
const NOON = Date.UTC(2026, 10, 23, 11, 0);
const USER = { type: 'user', id: 'u' };
const GROUP = { type: 'ring-group', id: 'g' };

const attempt = (dialled: string, part: Partial<RouteAttempt> = {}): RouteAttempt => ({
  at: NOON,
  timeZone: 'Europe/Paris',
  role: 'user',
  calling: ['101'],
  trunkId: null,
  dialled,
  called: spellings(dialled, 'FR'),
  class: classify(dialled, 'FR'),
  ...part,
});
const rule = (part: Partial<RoutingRule>): RoutingRule => ({
  id: 'r1',
  name: 'rule',
  position: 1,
  calendar: null,
  openings: ['open'],
  times: [],
  callingRole: 'any',
  callingPattern: null,
  calledRole: 'any',
  calledPattern: null,
  fromTrunks: [],
  destination: GROUP,
  viaTrunks: [],
  strip: 0,
  prefix: '',
  ...part,
});
const missed = (part: Partial<RoutingRule>, of: RouteAttempt, table: Partial<RoutingTable> = {}) =>
  route({ ...NOTHING, ...table, rules: [rule(part)] }, of).passed[0]?.missed ?? 'fits';

describe('routing', () => {
  it('takes the first rule that fits, and says which and why not the others', () => {
    const rules = [
      rule({ id: 'b', name: 'second', position: 2 }),
      rule({ id: 'a', name: 'first', position: 1, callingRole: 'trunk' }),
      rule({ id: 'c', name: 'third', position: 3, destination: USER }),
    ];
    expect(route({ ...NOTHING, rules }, attempt('300'))).toMatchObject({
      reason: 'rule',
      destination: GROUP,
      rule: { id: 'b', name: 'second', position: 2 },
      passed: [{ id: 'a', name: 'first', missed: 'caller' }],
    });
  });

  it('asks time, caller, called and trunk', () => {
    const office: Calendar = {
      timeZone: 'Europe/Paris',
      weekly: [{ days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1080 }],
      dates: [{ date: '2026-12-25', name: 'Christmas', hours: [] }],
    };
    const at = (iso: string) => attempt('300', { at: Date.parse(iso) });
    expect(missed({ calendar: office }, attempt('300'))).toBe('fits');
    expect(missed({ calendar: office }, at('2026-11-23T20:00:00Z'))).toBe('calendar');
    expect(missed({ calendar: office, openings: ['closed'] }, at('2026-11-23T20:00:00Z'))).toBe('fits');
    expect(missed({ calendar: office, openings: ['holiday'] }, at('2026-12-25T10:00:00Z'))).toBe('fits');
    expect(missed({ calendar: office, openings: ['closed'] }, at('2026-12-25T10:00:00Z'))).toBe('calendar');
    const night = { times: [{ days: [1], fromMinute: 1320, toMinute: 360 }] };
    expect(missed(night, at('2026-11-23T22:30:00Z'))).toBe('fits');
    expect(missed(night, at('2026-11-24T04:59:00Z'))).toBe('fits');
    expect(missed(night, at('2026-11-24T05:00:00Z'))).toBe('time');
    expect(missed(night, at('2026-11-23T04:00:00Z'))).toBe('time');
    const trunk = { role: 'trunk', trunkId: 't9', calling: ['0612345678', '+33612345678'] } as const;
    expect(missed({ callingRole: 'trunk', callingPattern: '+336*' }, attempt('300', trunk))).toBe('fits');
    expect(missed({ callingPattern: '+337*' }, attempt('300', trunk))).toBe('calling-number');
    expect(missed({ callingRole: 'anonymous' }, attempt('300', trunk))).toBe('caller');
    expect(missed({ callingRole: 'anonymous' }, attempt('300', { ...trunk, calling: [] }))).toBe('fits');
    expect(missed({ callingPattern: '*' }, attempt('300', { calling: [] }))).toBe('calling-number');
    expect(missed({ fromTrunks: ['t9'] }, attempt('300', trunk))).toBe('fits');
    expect(missed({ fromTrunks: ['t8'] }, attempt('300', trunk))).toBe('trunk');
    expect(missed({ fromTrunks: ['t8'] }, attempt('300'))).toBe('trunk');
    expect(missed({ calledRole: 'outside' }, attempt('0612345678'))).toBe('fits');
    expect(missed({ calledRole: 'outside' }, attempt('300'), { extension: USER })).toBe('called');
    expect(missed({ calledRole: 'extension' }, attempt('300'), { extension: USER })).toBe('fits');
    expect(missed({ calledRole: 'number' }, attempt('300'), { extension: USER })).toBe('called');
    expect(missed({ calledPattern: '06*' }, attempt('0612345678'))).toBe('fits');
    expect(missed({ calledPattern: '07*' }, attempt('0612345678'))).toBe('called-number');
  });

  it('leads without rules to extension, number, the outside, the default, and nowhere', () => {
    const number = { destination: GROUP, public: false };
    expect(route({ ...NOTHING, extension: USER, number }, attempt('300'))).toMatchObject({
      reason: 'extension',
      destination: USER,
    });
    expect(route({ ...NOTHING, number }, attempt('0123456789'))).toMatchObject({
      reason: 'number',
      destination: GROUP,
    });
    expect(route(NOTHING, attempt('06 12 34 56 78'))).toMatchObject({
      reason: 'outside',
      destination: { type: 'number', id: '+33612345678' },
      trunks: ['t1', 't2'],
    });
    expect(route(NOTHING, attempt('999'))).toMatchObject({ reason: 'no-match', destination: null });
    const fromTrunk = attempt('0612345678', { role: 'trunk', trunkId: 't1' });
    expect(route(NOTHING, fromTrunk)).toMatchObject({ reason: 'no-match' });
    expect(route({ ...NOTHING, defaultDestination: USER }, fromTrunk)).toMatchObject({
      reason: 'default',
      destination: USER,
    });
    // a number of ours that leads nowhere yet is not dialled outside
    expect(route({ ...NOTHING, number: { destination: null, public: true } }, attempt('0612345678'))).toMatchObject({
      reason: 'no-match',
    });
  });

  it('rewrites the number of an outbound rule', () => {
    const destination = { type: 'number', id: '{called}' };
    const to = (part: Partial<RoutingRule>, dialled: string) =>
      route({ ...NOTHING, rules: [rule({ destination, viaTrunks: ['t7'], ...part })] }, attempt(dialled));
    expect(to({}, '0612345678')).toMatchObject({ destination: { id: '+33612345678' }, trunks: ['t7'] });
    expect(to({ strip: 1 }, '90612345678')).toMatchObject({ destination: { id: '0612345678' } });
    expect(to({ strip: 1, prefix: '+33' }, '0612345678')).toMatchObject({ destination: { id: '+33612345678' } });
    expect(to({ destination: { type: 'number', id: '+390612345678' }, viaTrunks: [] }, '300')).toMatchObject({
      destination: { id: '+390612345678' },
      trunks: ['t1', 't2'],
    });
  });

  it('never keeps anybody of the company from an emergency number', () => {
    const rules = [rule({ destination: { type: 'hang-up', id: 'rejected' } })];
    const table = { ...NOTHING, rules, extension: USER, feature: { code: '112', action: 'x', destination: null } };
    expect(route(table, attempt('112'))).toMatchObject({
      reason: 'emergency',
      destination: { type: 'number', id: '112' },
      trunks: ['t1', 't2'],
    });
    expect(route({ ...table, emergencyTrunks: ['t5'] }, attempt('112'))).toMatchObject({ trunks: ['t5'] });
  });

  it('gives guests public numbers only and never the outside, whatever the rules', () => {
    const destinations = [USER, { type: 'number', id: '+33612345678' }, { type: 'sip', id: 'sip:a@b' }];
    fc.assert(
      fc.property(
        fc.constantFrom('101', '112', '0612345678', '*98'),
        fc.array(fc.constantFrom(...destinations), { maxLength: 3 }),
        fc.boolean(),
        fc.boolean(),
        (dialled, rules, isPublic, known) => {
          const table: RoutingTable = {
            ...NOTHING,
            rules: rules.map((destination, position) => rule({ destination, position })),
            extension: USER,
            number: known ? { destination: GROUP, public: isPublic } : null,
            feature: { code: '*98', action: 'x', destination: USER },
            defaultDestination: USER,
          };
          const { destination } = route(table, attempt(dialled, { role: 'guest' }));
          if (!known || !isPublic) expect(destination).toBeNull();
          else expect(['user', 'ring-group']).toContain(destination?.type);
        },
      ),
    );
  });

  it('refuses callers that are screened out, never its own users', () => {
    const table: RoutingTable = { ...NOTHING, number: { destination: GROUP, public: true }, screened: 'block-list' };
    const trunk = attempt('0123456789', { role: 'trunk', trunkId: 't1' });
    expect(route(table, trunk)).toMatchObject({
      reason: 'block-list',
      destination: { type: 'hang-up', id: 'rejected' },
    });
    expect(route({ ...table, screened: 'anonymous' }, { ...trunk, calling: [] })).toMatchObject({
      reason: 'anonymous',
    });
    expect(route(table, attempt('0123456789'))).toMatchObject({ reason: 'number' });
  });

  it('runs feature codes for users only', () => {
    const table = { ...NOTHING, feature: { code: '*66', action: 'redial', destination: USER } };
    expect(route(table, attempt('*66'))).toMatchObject({ reason: 'feature-code', destination: USER });
    expect(route(table, attempt('*66', { role: 'trunk' }))).toMatchObject({ reason: 'no-match' });
  });
});
