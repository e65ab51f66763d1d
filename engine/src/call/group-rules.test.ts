/** What a ring group adds to its strategy: hours, a fallback, an announcement, members who must accept. */
import { expect, it } from 'vitest';
import { desk } from '../../testing/flows.ts';
import { TestCall } from '../../testing/test-call.ts';
import type { WorldGroup } from '../../testing/world.ts';

const users = { alice: { extension: '101' }, bob: { extension: '102' }, carol: { extension: '103' } };
const sales = (group: Partial<WorldGroup>) =>
  TestCall.start(desk, { users, groups: { sales: { members: ['alice', 'bob'], ...group } } })
    .hears('welcome')
    .presses('2');
const toCarol = { fallback: { type: 'user', id: 'carol' } };

it('a closed group rings nobody and falls back', () => {
  const call = sales({ more: { closed: true, ...toCarol } })
    .userAnswers('carol')
    .talksTo('carol');
  expect(call.facts.filter((one) => one.type === 'party.ringing')).toHaveLength(1);
  call.userHangsUp('carol').hears('anything else');
});

it('without a fallback a closed group cannot be reached', () => {
  expect(sales({ more: { closed: true } }).hears('nobody there').path).toContain('sales=unavailable');
});

it('falls back when nobody answers in its time, once', () => {
  const call = sales({ totalRingMs: 10_000, more: toCarol }).reaches('alice').reaches('carol');
  expect(call.facts).toContainEqual(expect.objectContaining({ type: 'group.ended', outcome: 'no-answer' }));
  call.userRejects('carol').hears('nobody there');
  expect(call.path).toContain('sales=rejected');
});

it('a fallback that leads back to the group ends', () => {
  const call = sales({ totalRingMs: 5000, more: { fallback: { type: 'ring-group', id: 'sales' } } });
  call.hears('nobody there');
  expect(call.facts.filter((one) => one.type === 'group.ringing').length).toBeLessThan(10);
});

it('the caller hears the announcement before anybody rings', () => {
  const waitPrompt = { items: [{ type: 'text' as const, text: 'please hold the line' }], bargeIn: false };
  const call = sales({ more: { waitPrompt } }).hears('hold the line');
  expect(call.facts.some((one) => one.type === 'party.ringing')).toBe(false);
  call.userAnswers('alice').talksTo('alice');
});

it('who must accept gets the caller by his key only; the others ring on meanwhile', () => {
  const call = sales({ confirm: ['alice'] })
    .userAnswers('alice')
    .waits(2000);
  const leg = call.world.telephony.legOfUser('alice')!;
  expect(leg.heard.join()).toContain('Press 1 to accept');
  expect(leg.bridged).toBe(null);
  call.reaches('bob');
  call.world.telephony.press(leg, '1');
  call.talksTo('alice');
  expect(call.world.telephony.legOfUser('bob')).toBe(null);
});

it('who does not accept leaves the call to the others', () => {
  const call = sales({ confirm: ['alice'], memberRingMs: 60_000 })
    .userAnswers('alice')
    .waits(30_000);
  expect(call.world.telephony.legOfUser('alice')).toBe(null);
  call.userAnswers('bob').talksTo('bob');
});
