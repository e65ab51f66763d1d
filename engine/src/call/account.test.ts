import { expect, test } from 'vitest';
import type { Cdr, Fact, LegSummary } from '../protocol/index.ts';
import { accountOf, type TimedFact } from './account.ts';

const user = (id: string) => ({ type: 'user', id, entityNumber: 1, number: id, name: `User ${id}` });
const outside = { type: 'trunk', id: 't', entityNumber: 1, number: '+33140000000', name: '' };
const group = { type: 'ring-group', id: 'g', entityNumber: 2, number: '600', name: 'Sales' };
const at = (time: number, fact: Fact): TimedFact => ({ at: time, fact });

const leg = (party: number, direction: 'inbound' | 'outbound', over: Partial<LegSummary> = {}): LegSummary => ({
  leg: `leg/${party}`,
  party,
  direction,
  coordinates: party === 1 ? outside : user(String(100 + party)),
  startedAt: 0,
  ringingAt: null,
  answeredAt: null,
  endedAt: null,
  cause: 'normal',
  sipStatus: null,
  endedBy: 'remote',
  codec: null,
  sipCallId: null,
  instance: 'm.1',
  ...over,
});

const cdrOf = (over: Partial<Cdr>): Cdr => ({
  number: 1,
  direction: 'inbound',
  externalId: null,
  disposition: 'answered',
  cause: 'normal',
  endedBy: 'calling',
  startedAt: 0,
  answeredAt: null,
  connectedAt: null,
  endedAt: 0,
  ringMs: 0,
  ivrMs: 0,
  talkMs: 0,
  holdMs: 0,
  calling: outside,
  called: { type: 'number', id: null, entityNumber: null, number: '+33150000000', name: '' },
  connected: null,
  revision: 'r',
  path: [],
  legs: [],
  ...over,
});

const added = (party: number, role: 'calling' | 'called') =>
  at(0, {
    type: 'party.added',
    party,
    role,
    coordinates: party === 1 ? outside : user(String(100 + party)),
    leg: `leg/${party}`,
  });
const ringing = (time: number, party: number) =>
  at(time, { type: 'party.ringing', party, coordinates: user(String(100 + party)), early: false });
const left = (time: number, party: number) =>
  at(time, {
    type: 'party.left',
    party,
    coordinates: user(String(100 + party)),
    cause: 'normal',
    sipStatus: null,
    by: 'local',
  });
const answered = (time: number, party: number) =>
  at(time, { type: 'party.answered', party, coordinates: user(String(100 + party)) });

test('every moment after the answer is counted once: menu, ringing, talk', () => {
  const account = accountOf(
    [
      added(1, 'calling'),
      answered(1000, 1),
      at(5000, { type: 'group.ringing', groupId: 'g', coordinates: group, strategy: 'all' }),
      added(2, 'called'),
      added(3, 'called'),
      ringing(5000, 2),
      ringing(6000, 3),
      answered(9000, 3),
      left(9000, 2),
      at(9100, { type: 'parties.connected', a: 1, b: 3 }),
      at(20_000, { type: 'parties.parted', a: 1, b: 3 }),
    ],
    cdrOf({
      answeredAt: 1000,
      connectedAt: 9100,
      connected: user('103'),
      endedAt: 21_000,
      legs: [
        leg(1, 'inbound', { answeredAt: 1000, endedAt: 21_000, codec: 'PCMA' }),
        leg(2, 'outbound', { startedAt: 5000, endedAt: 9000, cause: 'answered-elsewhere', endedBy: 'local' }),
        leg(3, 'outbound', { startedAt: 5000, answeredAt: 9000, endedAt: 20_000 }),
      ],
    }),
  );
  expect(account).toMatchObject({
    ringMs: 4000,
    talkMs: 10_900,
    queueMs: 0,
    ivrMs: 20_000 - 4000 - 10_900,
    billableMs: 20_000,
    failingSide: null,
    trunkIn: { id: 't' },
    codec: 'PCMA',
  });
  expect(account.legs.map((l) => [l.way, l.disposition, l.missed, l.ringMs, l.group?.id ?? null])).toEqual([
    ['out', 'answered', false, 0, null],
    ['in', 'cancelled', false, 4000, 'g'],
    ['in', 'answered', false, 3000, 'g'],
  ]);
  expect(account.legs[0]!.remote).toEqual(user('103'));
  expect(account.legs[2]!.remote).toEqual(outside);
});

test('time in a queue holds the ringing of its agents; nothing is counted twice', () => {
  const account = accountOf(
    [
      added(1, 'calling'),
      at(2000, {
        type: 'queue.entered',
        queueId: 'q',
        party: 1,
        coordinates: { type: 'queue', id: 'q', entityNumber: 3, number: '780', name: 'Support' },
        position: 1,
        waiting: 1,
        again: false,
      }),
      at(8000, { type: 'queue.offered', queueId: 'q', party: 1, userId: '102', waitedMs: 6000 }),
      added(2, 'called'),
      ringing(8000, 2),
      answered(10_000, 2),
      at(10_000, { type: 'queue.answered', queueId: 'q', party: 1, userId: '102', waitedMs: 8000 }),
      at(10_000, { type: 'parties.connected', a: 1, b: 2 }),
    ],
    cdrOf({
      answeredAt: 1000,
      connectedAt: 10_000,
      endedAt: 15_000,
      legs: [leg(1, 'inbound', { answeredAt: 1000 }), leg(2, 'outbound', { startedAt: 8000, answeredAt: 10_000 })],
    }),
  );
  expect(account).toMatchObject({ queueMs: 8000, ringMs: 0, talkMs: 5000, ivrMs: 1000 });
  expect(account.legs[1]).toMatchObject({ ringMs: 2000, group: { type: 'queue', id: 'q', name: 'Support' } });
});

test('a call that nobody takes: a missed call of the user, failing on the side that did not answer', () => {
  const facts = [added(1, 'calling'), added(2, 'called'), ringing(1000, 2), left(31_000, 2)];
  const rung = leg(2, 'outbound', { cause: 'no-answer', endedBy: 'local', ringingAt: 1000, endedAt: 31_000 });
  const cdr = cdrOf({
    disposition: 'no-answer',
    endedBy: 'platform',
    endedAt: 31_000,
    legs: [leg(1, 'inbound'), rung],
  });
  expect(accountOf(facts, cdr)).toMatchObject({ ringMs: 30_000, ivrMs: 0, failingSide: 'called' });
  expect(accountOf(facts, cdr).legs[1]).toMatchObject({ missed: true, disposition: 'no-answer' });
  expect(accountOf(facts, { ...cdr, endedBy: 'calling', disposition: 'cancelled' }).failingSide).toBe('calling');
});

test('a call of ours whose own side does not answer fails on the calling side', () => {
  const first = leg(2, 'outbound', { cause: 'busy' });
  const cdr = cdrOf({ direction: 'outbound', disposition: 'busy', endedBy: 'called', legs: [first] });
  expect(accountOf([added(2, 'calling')], cdr).failingSide).toBe('calling');
  expect(accountOf([added(2, 'called')], cdr).failingSide).toBe('called');
});

test('a hand-over names the other call, a refusal its reason', () => {
  const moved = (direction: 'in' | 'out', callId: string) => at(1, { type: 'leg.moved', leg: 'l', direction, callId });
  const refused = at(2, { type: 'user.refused', coordinates: user('102'), why: 'dnd' });
  const account = accountOf([moved('in', 'a'), moved('out', 'b'), refused], cdrOf({ disposition: 'busy' }));
  expect(account).toMatchObject({ fromCallId: 'a', toCallId: 'b', refused: 'dnd' });
  expect(accountOf([refused], cdrOf({ connectedAt: 5 })).refused).toBeNull();
});
