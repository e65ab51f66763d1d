/** What users and the extended level are told of the facts of calls, in order (V-017…V-021, V-050…V-063). */
import { describe, expect, it } from 'vitest';
import type { CallFact } from '../src/contract.ts';
import { FAKE_USERS, fakeParty } from '../src/fake-host.ts';
import { Settings } from './settings.ts';
import { voispeed } from './voispeed.contract.ts';

const settings = Settings.parse({ extendedLevel: true, notificationUrl: 'receiver.test/logger.php?key=1' });

describe('events', () => {
  const [anna, bruno] = [fakeParty(FAKE_USERS[0]), fakeParty(FAKE_USERS[1])];
  const outside = { type: 'trunk', id: 't', entityNumber: 2, number: '0733123123', name: '' };
  const flow = { type: 'flow', id: 'f', entityNumber: 4, number: '200', name: 'Welcome' };
  type F = CallFact['fact'];
  const run = (facts: readonly object[], call: object = {}, command: CallFact['command'] = null) => {
    const state = {};
    return facts.flatMap((fact, i) =>
      voispeed.events.read(state, {
        at: Date.UTC(2024, 0, 31, 9, 15, i),
        fact: fact as F,
        call: {
          number: 10724,
          externalId: null,
          direction: 'inbound',
          placed: false,
          timeZone: 'Europe/Rome',
          ...call,
        },
        trunk: null,
        other: 10725,
        command,
      }),
    );
  };
  const names = (notices: ReturnType<typeof run>, level: string) =>
    notices
      .filter((one) => one.level === level)
      .map(({ event, extension, params }) => {
        const id = params.find(([name]) => /^(sender|recipient|called|calling|user)_id$/.test(name))?.[1];
        return level === 'user' ? `${event} ${extension}` : `${event}${id === undefined ? '' : ` ${id}`}`;
      });
  const started = (calling: object, called: object) => ({ type: 'call.started', calling, called, revision: 'x' });
  const added = (party: number, role: string, coordinates: object, leg: string | null = `l${party}`) => ({
    type: 'party.added',
    party,
    role,
    coordinates,
    leg,
  });
  const of = (type: string, party: number, coordinates: object, more: object = {}) => ({
    type,
    party,
    coordinates,
    ...more,
  });
  const left = (party: number, coordinates: object, cause: string, by: string) =>
    of('party.left', party, coordinates, { cause, by, sipStatus: null });
  const ended = (cause: string, connectedAt: number | null) => ({ type: 'call.ended', cdr: { cause, connectedAt } });

  const inbound = [
    started(outside, anna),
    added(1, 'calling', outside),
    added(2, 'called', anna, null),
    added(3, 'called', anna),
    of('party.ringing', 3, anna, { early: false }),
  ];
  const talk = [
    of('party.answered', 3, anna),
    of('party.answered', 1, outside),
    { type: 'parties.connected', a: 1, b: 3 },
  ];

  it('incoming, answered, ended by the other side', () => {
    const told = run([
      ...inbound,
      ...talk,
      left(1, outside, 'normal', 'remote'),
      left(3, anna, 'normal', 'local'),
      ended('normal', 1),
    ]);
    expect(names(told, 'user')).toEqual(['incoming_call 35', 'call_answered 35', 'call_disconnect_in 35']);
    expect(names(told, 'extended')).toEqual([
      'call_in 2',
      'call_out 1',
      'call_progress 1',
      'call_response 1',
      'disconnect_in 2',
      'disconnect_out 1',
      'call_terminated',
    ]);
    expect(voispeed.events.url(settings, told.find(({ event }) => event === 'incoming_call')!)).toBe(
      'http://receiver.test/logger.php?key=1&event_type=2&event=8&event_name=incoming_call&ext=35&call_id=10724&usercallid=10724&number=0733123123&called=35&datetime=2024-01-31+10%3A15%3A03',
    );
    expect(voispeed.events.url(settings, told.at(-1)!)).toBe(
      'http://receiver.test/logger.php?key=1&event_type=1&event=10&event_name=call_terminated&call_id=10724&outcome=1&datetime=2024-01-31+10%3A15%3A10',
    );
  });

  it.each([
    ['given up', 'cancelled', 'local', ['incoming_call 35', 'lost_call 35', 'call_rejected 35']],
    ['refused', 'rejected', 'remote', ['incoming_call 35', 'call_rejected 35']],
    ['answered elsewhere', 'answered-elsewhere', 'local', ['incoming_call 35', 'call_rejected 35']],
  ])('incoming, %s', (_what, cause, by, expected) => {
    const told = run([...inbound, left(3, anna, cause, by), ended(cause, null)]);
    expect(names(told, 'user')).toEqual(expected);
  });

  it('incoming, taken by a command: the phone that is called anew is the same call to its user', () => {
    const told = run([
      ...inbound,
      added(4, 'called', anna),
      left(3, anna, 'answered-elsewhere', 'local'),
      of('party.answered', 4, anna),
      { type: 'parties.connected', a: 1, b: 4 },
      left(1, outside, 'normal', 'remote'),
      left(4, anna, 'normal', 'local'),
      ended('normal', 1),
    ]);
    expect(names(told, 'user')).toEqual(['incoming_call 35', 'call_answered 35', 'call_disconnect_in 35']);
  });

  it('incoming, taken by a command, and not answered after all', () => {
    const told = run([
      ...inbound,
      added(4, 'called', anna),
      left(3, anna, 'answered-elsewhere', 'local'),
      left(4, anna, 'no-answer', 'local'),
      ended('no-answer', null),
    ]);
    expect(names(told, 'user')).toEqual(['incoming_call 35', 'lost_call 35', 'call_rejected 35']);
  });

  describe('life cycles of V-020', () => {
    const dialled = [
      started(anna, outside),
      added(1, 'calling', anna),
      added(2, 'called', outside, null),
      added(3, 'called', outside),
      of('party.ringing', 3, outside, { early: false }),
    ];
    const taken = [
      of('party.answered', 3, outside),
      of('party.answered', 1, anna),
      { type: 'parties.connected', a: 1, b: 3 },
    ];
    const out = (cause: string, by: string) => [
      left(1, anna, cause, by),
      left(3, outside, cause, by === 'remote' ? 'local' : 'remote'),
    ];
    it.each([
      ['9, 14, 16', [...taken, ...out('normal', 'remote')], 'outgoing_call call_answered call_disconnect_out'],
      ['9, 14, 17', [...taken, ...out('normal', 'local')], 'outgoing_call call_answered call_disconnect_in'],
      ['9, 15: busy', out('busy', 'local'), 'outgoing_call call_rejected'],
      ['9, 15: no answer', out('no-answer', 'local'), 'outgoing_call call_rejected'],
      ['9, 15: given up', out('cancelled', 'remote'), 'outgoing_call call_rejected'],
    ])('outgoing %s', (_codes, more, expected) => {
      expect(names(run([...dialled, ...more, ended('normal', null)]), 'user')).toEqual(
        expected.split(' ').map((event) => `${event} 35`),
      );
    });

    it.each([
      ['8, 14, 16', [...talk, left(3, anna, 'normal', 'remote')], 'incoming_call call_answered call_disconnect_out'],
      ['8, 14, 17', [...talk, left(3, anna, 'normal', 'local')], 'incoming_call call_answered call_disconnect_in'],
      ['8, 12, 15: not answered', [left(3, anna, 'no-answer', 'local')], 'incoming_call lost_call call_rejected'],
      ['8, 12, 15: cancelled', [left(3, anna, 'cancelled', 'local')], 'incoming_call lost_call call_rejected'],
      ['8, 15: refused', [left(3, anna, 'rejected', 'remote')], 'incoming_call call_rejected'],
    ])('incoming %s', (_codes, more, expected) => {
      expect(names(run([...inbound, ...more, ended('normal', null)]), 'user')).toEqual(
        expected.split(' ').map((event) => `${event} 35`),
      );
    });

    it('outcomes of rejected calls are those of T8', () => {
      const outcome = (more: readonly object[]) =>
        Object.fromEntries(run([...dialled, ...more]).find(({ event }) => event === 'call_rejected')!.params).outcome;
      expect(
        ['busy', 'rejected', 'unavailable', 'no-answer', 'congestion'].map((one) => outcome(out(one, 'local'))),
      ).toEqual([...['2', '3', '4', '5', '6']]);
    });
  });

  it('a user who does not want to be disturbed has missed it, without having been called', () => {
    const told = run([
      started(outside, anna),
      added(1, 'calling', outside),
      { type: 'user.refused', coordinates: anna, why: 'dnd' },
    ]);
    expect(names(told, 'user')).toEqual(['lost_call 35']);
  });

  const command = { moduleId: 'm', requestId: '17', extension: '35' };
  const requested = [
    started(anna, bruno),
    added(1, 'calling', anna),
    added(2, 'called', bruno, null),
    of('party.ringing', 1, anna, { early: false }),
  ];

  it('requested: the call begins when the own terminal has taken it', () => {
    const told = run(
      [
        ...requested,
        of('party.answered', 1, anna),
        added(3, 'called', bruno),
        of('party.answered', 3, bruno),
        { type: 'parties.connected', a: 1, b: 3 },
        of('party.held', 1, anna),
        of('party.resumed', 1, anna),
        left(1, anna, 'normal', 'remote'),
        left(3, bruno, 'normal', 'local'),
        ended('normal', 1),
      ],
      { placed: true, externalId: 'log-1' },
      command,
    );
    expect(names(told, 'user')).toEqual([
      'outgoing_call 35',
      'incoming_call 39',
      'call_answered 35',
      'call_answered 39',
      'call_disconnect_out 35',
      'call_disconnect_in 39',
    ]);
    expect(names(told, 'extended')).toEqual([
      'call_out 1',
      'call_progress 1',
      'call_response 1',
      'call_out 2',
      'call_response 2',
      'call_held 1',
      'call_retrieved 1',
      'disconnect_in 1',
      'disconnect_out 2',
      'call_terminated',
    ]);
    expect(told.every(({ params }) => params.some(([name, value]) => name === 'extid' && value === 'log-1'))).toBe(
      true,
    );
  });

  it('requested, the own terminal busy: the command has failed, nothing else is told to users', () => {
    const told = run([...requested, left(1, anna, 'busy', 'remote'), ended('busy', null)], { placed: true }, command);
    expect(names(told, 'user')).toEqual(['cmd_failed 35']);
    const failed = told.find(({ event }) => event === 'cmd_failed')!;
    expect(failed).toMatchObject({ moduleId: 'm' });
    expect(Object.fromEntries(failed.params)).toMatchObject({ request_id: '17', error_code: '10' });
    expect(Object.fromEntries(told.at(-1)!.params)).toMatchObject({ outcome: '10' });
  });

  it('a command that comes too late has failed', () => {
    const done = { type: 'control.done', id: 'x', action: 'hold', ok: false, code: 'not-talking' };
    expect(names(run([done], {}, command), 'user')).toEqual(['cmd_failed 35']);
    expect(run([{ ...done, ok: true }], {}, command)).toEqual([]);
    expect(run([done])).toEqual([]);
  });

  it('a gateway is connected with a responder', () => {
    const far = { ...outside, type: 'number', entityNumber: null };
    const told = run(
      [
        started(far, flow),
        added(1, 'calling', far),
        added(2, 'called', flow, null),
        of('party.answered', 1, far),
        left(1, far, 'normal', 'remote'),
        ended('normal', null),
      ],
      { placed: true },
    );
    expect(names(told, 'extended')).toEqual([
      'call_out ',
      'call_response ',
      'call_out 4',
      'call_response 4',
      'disconnect_in ',
      'disconnect_out 4',
      'call_terminated',
    ]);
    expect(Object.fromEntries(told.at(-1)!.params)).toMatchObject({ outcome: '1' });
  });

  it('a group is called first: who answers stands for it; the others are no failure', () => {
    const group = { type: 'ring-group', id: 'g', entityNumber: 5, number: '600', name: 'Sales' };
    const carla = fakeParty(FAKE_USERS[2]);
    const rung = [
      started(group, carla),
      added(1, 'calling', group, null),
      added(2, 'called', carla, null),
      added(3, 'calling', anna),
      added(4, 'calling', bruno),
      of('party.ringing', 3, anna, { early: false }),
      of('party.ringing', 4, bruno, { early: false }),
    ];
    const by = { ...command, extension: null };
    const told = run(
      [
        ...rung,
        of('party.answered', 4, bruno),
        left(3, anna, 'answered-elsewhere', 'local'),
        added(5, 'called', carla),
        of('party.answered', 5, carla),
        { type: 'parties.connected', a: 4, b: 5 },
        left(5, carla, 'normal', 'remote'),
        left(4, bruno, 'normal', 'local'),
        ended('normal', 1),
      ],
      { placed: true },
      by,
    );
    expect(names(told, 'extended')).toEqual([
      'call_out 5',
      'call_progress 1',
      'call_progress 2',
      'call_response 2',
      'disconnect_out 1',
      'call_out 3',
      'call_response 3',
      'disconnect_in 3',
      'disconnect_out 2',
      'call_terminated',
    ]);
    const [first, second] = told.filter(({ event }) => event === 'call_response');
    const calling = { calling_id: '5', calling_type: '1', calling_local_id: '1' };
    expect(Object.fromEntries(first!.params)).toMatchObject({ ...calling, connected_id: '2', connected_type: '0' });
    expect(Object.fromEntries(second!.params)).toMatchObject({ ...calling, called_id: '3', connected_id: '3' });
    expect(names(told, 'user')).toEqual([
      'outgoing_call 39',
      'incoming_call 40',
      'call_answered 39',
      'call_answered 40',
      'call_disconnect_out 40',
      'call_disconnect_in 39',
    ]);
    const nobody = run(
      [...rung, left(3, anna, 'no-answer', 'local'), left(4, bruno, 'no-answer', 'local'), ended('no-answer', null)],
      { placed: true },
      by,
    );
    expect(names(nobody, 'user')).toEqual([]);
    expect(Object.fromEntries(nobody.at(-1)!.params)).toMatchObject({ outcome: '9' });
  });

  it('a user who ends his call by a command has ended it himself', () => {
    const told = run(
      [
        ...inbound,
        ...talk,
        { type: 'control.done', id: 'x', action: 'hangup', ok: true, code: 'done' },
        left(3, anna, 'normal', 'local'),
        left(1, outside, 'normal', 'local'),
      ],
      {},
      command,
    );
    expect(names(told, 'user').at(-1)).toBe('call_disconnect_out 35');
  });

  const moved = (leg: string, direction: string) => ({ type: 'leg.moved', leg, direction, callId: 'other' });
  const responder = [
    started(outside, flow),
    added(1, 'calling', outside),
    added(2, 'called', flow, null),
    of('party.answered', 1, outside),
  ];

  it('an operator comes from another call in the place of a responder', () => {
    const kept = run([
      ...responder,
      moved('l9', 'in'),
      added(3, 'connected', anna, 'l9'),
      { type: 'parties.connected', a: 1, b: 3 },
      left(1, outside, 'normal', 'remote'),
      left(3, anna, 'normal', 'local'),
      ended('normal', 1),
    ]);
    expect(names(kept, 'extended')).toEqual([
      'call_in 2',
      'call_out 4',
      'call_response 4',
      'disconnect_out 4',
      'call_transfer 4',
      'disconnect_in 2',
      'disconnect_out 1',
      'call_terminated',
    ]);
    expect(Object.fromEntries(kept.find(({ event }) => event === 'call_transfer')!.params)).toMatchObject({
      call_id: '10724',
      sender_id: '4',
      sender_type: '3',
      recipient_id: '1',
      recipient_type: '0',
      refer_id: '10725',
    });
    expect(names(kept, 'user')).toEqual(['incoming_call 35', 'call_answered 35', 'call_disconnect_in 35']);
    const dissolved = run(
      [
        started(anna, flow),
        added(1, 'calling', anna),
        added(2, 'called', flow, null),
        of('party.answered', 1, anna),
        moved('l1', 'out'),
        left(1, anna, 'transferred', 'local'),
        ended('transferred', null),
      ],
      { placed: true },
    );
    expect(names(dissolved, 'extended')).toEqual([
      'call_out 1',
      'call_response 1',
      'call_out 4',
      'call_response 4',
      'disconnect_out 4',
      'call_terminated',
    ]);
    expect(names(dissolved, 'user')).toEqual(['outgoing_call 35', 'call_answered 35', 'call_disconnect_in 35']);
  });

  it('somebody comes from another call in the place of a user', () => {
    const told = run([
      ...inbound,
      ...talk,
      moved('l9', 'in'),
      added(4, 'connected', bruno, 'l9'),
      { type: 'parties.connected', a: 1, b: 4 },
      left(3, anna, 'transferred', 'local'),
    ]);
    expect(names(told, 'extended').slice(4)).toEqual(['disconnect_out 1', 'call_transfer 1']);
    expect(names(told, 'user')).toEqual([
      'incoming_call 35',
      'call_answered 35',
      'incoming_call 39',
      'call_answered 39',
      'call_disconnect_in 35',
    ]);
  });

  it('a user sends whom he talks with to another, who rings', () => {
    const told = run([
      ...inbound,
      ...talk,
      { type: 'party.transferred', party: 1, to: bruno },
      left(3, anna, 'transferred', 'local'),
      added(4, 'called', bruno),
      of('party.ringing', 4, bruno, { early: false }),
      of('party.answered', 4, bruno),
    ]);
    expect(names(told, 'extended').slice(4)).toEqual([
      'disconnect_out 1',
      'call_out 2',
      'call_progress 2',
      'call_divert 1',
      'call_response 2',
    ]);
    expect(Object.fromEntries(told.find(({ event }) => event === 'call_divert')!.params)).toMatchObject({
      sender_id: '1',
      sender_type: '0',
      recipient_id: '2',
      recipient_type: '0',
    });
  });

  it('a message is told to whose box it is in', () => {
    const message = { type: 'message', messageId: 'm-1', number: '0733123123', name: '', durationMs: 4200 } as const;
    const at = Date.UTC(2024, 0, 31, 9, 15);
    const told = (extension: string | null) =>
      voispeed.events.tell({ at, timeZone: 'Europe/Rome', event: { ...message, extension } });
    expect(told(null)).toEqual([]);
    expect(voispeed.events.url(settings, told('35')[0]!)).toBe(
      'http://receiver.test/logger.php?key=1&event_type=2&event=10&event_name=new_voicemail&ext=35&number=0733123123&vm_id=m-1&duration=4&datetime=2024-01-31+10%3A15%3A00',
    );
  });

  it('only what is ticked, of extensions that are selected', () => {
    const [incoming] = run(inbound).filter(({ level }) => level === 'user');
    const may = (given: object) =>
      voispeed.events.wants(Settings.parse({ notificationUrl: 'http://x', ...given }), incoming!);
    expect(may({})).toBe(true);
    expect(may({ extensions: ['35'] })).toBe(true);
    expect(may({ extensions: ['39'] })).toBe(false);
    expect(may({ userEvents: ['lost_call'] })).toBe(false);
    expect(may({ userLevel: false })).toBe(false);
    expect(may({ notificationUrl: '' })).toBe(false);
    expect(voispeed.events.wants(Settings.parse({ notificationUrl: 'http://x' }), run(inbound)[0]!)).toBe(false);
  });
});
