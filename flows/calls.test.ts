/** The built-in flows as whole calls: the call machine, the pool and a fake outside on virtual time. */
import type { Calendar } from '@callwright/engine';
import { TestCall, type TestCallOptions } from '@callwright/engine/testing';
import { describe, expect, test } from 'vitest';
import { catalogue } from './index.ts';

const always: Calendar = {
  timeZone: 'Europe/Paris',
  weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 1440 }],
  dates: [],
};
const company: TestCallOptions = {
  users: { alice: { extension: '101' }, bob: { extension: '102' } },
  groups: { sales: { members: ['alice', 'bob'] } },
  calendars: { 'opening-hours': always },
};
const start = (name: string, options: TestCallOptions = {}) =>
  TestCall.start(catalogue[name]!, { ...company, ...options });

describe('front desk', () => {
  test('in French to sales: both ring, one talks, the other stops ringing', () => {
    const call = start('front-desk');
    call.hears('For English, press 1').presses('2').hears('service commercial').presses('1');
    call.reaches('alice').reaches('bob').userAnswers('bob').talksTo('bob').waits(5000).userHangsUp('bob');
    call.hears('Au revoir');
    const cdr = call.ends();
    expect(cdr).toMatchObject({
      disposition: 'answered',
      endedBy: 'platform',
      path: expect.arrayContaining(['sales', 'goodbye', 'end']),
    });
    expect(cdr.talkMs).toBeGreaterThanOrEqual(5000);
  });

  test('a wrong key is told, a silent caller gets the operator', () => {
    const call = start('front-desk');
    call.hears('For English').presses('9').hears('Sorry, that key has no meaning').presses('1');
    call.hears('For sales, press 1').hears('We did not hear a key').reaches('alice');
    call.userAnswers('alice').talksTo('alice').hangsUp();
    expect(call.ends()).toMatchObject({ disposition: 'answered', endedBy: 'calling' });
    expect(call.path).toContain('main-menu=no-input');
  });

  test('nobody in sales answers: the operator, then a polite end', () => {
    const call = start('front-desk');
    call.hears('For English').presses('1').hears('For sales').presses('1').reaches('alice');
    call
      .hears('Nobody in sales is free')
      .reaches('alice')
      .userRejects('alice')
      .hears('Nobody can take your call')
      .hears('Goodbye');
    call.ends();
    expect(call.path).toEqual(expect.arrayContaining(['sales=no-answer', 'operator=rejected', 'nobody=next']));
  });

  test.each([
    ['closed', { ...always, weekly: [] }, 'We are closed. Please'],
    ['holiday', { ...always, dates: [{ date: '2026-12-25', name: 'Christmas', hours: [] }] }, 'closed for the holiday'],
  ])('%s', (_, calendar, text) => {
    const call = start('front-desk', { calendars: { 'opening-hours': calendar }, startAt: Date.UTC(2026, 11, 25, 10) });
    call.hears('For English').presses('1').hears(text).hears('Goodbye');
    call.ends();
  });

  test('hanging up in the first prompt ends the call at once, with nothing left over', () => {
    const call = start('front-desk');
    call.hears('Welcome').hangsUp();
    expect(call.ends()).toMatchObject({ endedBy: 'calling', connectedAt: null });
  });
});

describe('direct', () => {
  const called = { type: 'user', id: 'bob', number: '102' };

  test('talks, and the caller was not answered before', () => {
    const call = start('direct', { user: 'alice', called });
    call.reaches('bob');
    expect(call.heard).toEqual([]);
    call.userAnswers('bob').talksTo('bob').waits(1000).hangsUp();
    expect(call.ends()).toMatchObject({ disposition: 'answered', endedBy: 'calling' });
  });

  test.each([
    ['rejects', 'rejected', {}],
    ['is busy', 'busy', { cause: 'busy' as const }],
  ])('the called party %s: the caller’s side is told', (_, disposition, { cause }: { cause?: 'busy' }) => {
    const call = start('direct', { user: 'alice', called });
    call.reaches('bob').userRejects('bob', cause);
    expect(call.ends()).toMatchObject({ disposition, answeredAt: null });
  });

  test('nobody registered is unavailable', () => {
    const call = start('direct', {
      user: 'alice',
      called,
      users: { ...company.users, bob: { extension: '102', registered: false } },
    });
    expect(call.ends()).toMatchObject({ disposition: 'unavailable', answeredAt: null });
  });
});

test('direct-group rings the group that was dialled', () => {
  const call = start('direct-group', { user: 'alice', called: { type: 'ring-group', id: 'sales', number: '110' } });
  call.reaches('bob').userAnswers('bob').talksTo('bob').userHangsUp('bob');
  expect(call.ends()).toMatchObject({ disposition: 'answered' });
});

test('the echo test ends by itself', () => {
  const call = start('echo-test');
  call.hears('This is the echo test').hears('Goodbye');
  expect(call.call.commands.some((command) => command.kind === 'media.background' && command.sound === 'echo')).toBe(
    true,
  );
  expect(call.ends()).toMatchObject({ disposition: 'answered', endedBy: 'platform' });
});

test('the tone menu answers each digit with its own tone, in one step', () => {
  const call = start('tone-menu').waits(500).presses('3').waits(200).presses('9').waits(200).presses('*');
  call.ends();
  const tones = call.call.commands.flatMap((command) =>
    command.kind === 'media.collect'
      ? command.prompts.flatMap(({ items }) =>
          items.flatMap((item) => (item.type === 'tone' ? item.frequenciesHz : [])),
        )
      : [],
  );
  expect(tones).toEqual([350, 700, 1300]);
});

test('unavailable tells and ends', () => {
  const call = start('unavailable', { language: 'it' });
  call.hears('Il numero selezionato');
  call.ends();
});

describe('unknown callers', () => {
  const options: TestCallOptions = {
    callerLists: {
      rude: { kind: 'block', numbers: ['+33100000001'] },
      gold: { kind: 'vip', numbers: ['+33100000002'] },
    },
    contacts: { '+33100000003': { name: 'Ada' } },
    caller: '+33100000009',
  };

  test.each([
    ['+33100000002', ['lists=vip']],
    ['+33100000003', ['lists=not-listed', 'books=found']],
  ])('%s is known and rings through', (caller, path) => {
    const call = start('unknown-callers', { ...options, caller })
      .reaches('alice')
      .userAnswers('alice')
      .talksTo('alice');
    call.hangsUp();
    call.ends();
    expect(call.path).toEqual(expect.arrayContaining(path));
  });

  test('one who is blocked does not come in, one who is not known presses a key', () => {
    expect(start('unknown-callers', { ...options, caller: '+33100000001' }).ends().disposition).not.toBe('answered');
    start('unknown-callers', options).hears('To be connected, press 1').presses('1').reaches('alice');
  });
});

describe('do not disturb', () => {
  test.each([
    [{}, 'You will not be disturbed'],
    [{ modes: { bob: 'dnd' } } as const, 'You can be called again'],
  ])('is switched by the same call', (options, text) => {
    start('do-not-disturb', { ...options, user: 'bob' })
      .hears(text)
      .ends();
  });

  test('is nobody else’s', () => {
    expect(start('do-not-disturb').ends().disposition).not.toBe('failed');
  });
});
