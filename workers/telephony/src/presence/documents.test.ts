import { PRESENCE_STATES } from '@callwright/store';
import { describe, expect, it } from 'vitest';
import { bodyOf } from './documents.ts';
import { readEvent, readSeconds } from './subscriptions.ts';

const told = {
  package: 'dialog',
  entity: 'sip:1&"<01@h',
  notifies: 3,
  state: 'available',
  dialogs: [],
  chat: null,
  messages: { waiting: false, fresh: 0, old: 2, freshUrgent: 0, oldUrgent: 0 },
} as const;

describe('bodies', () => {
  it('escape what comes from outside', () => {
    expect(bodyOf(told)).toContain('version="3" state="full" entity="sip:1&amp;&quot;&lt;01@h"></dialog-info>');
    expect(bodyOf({ ...told, package: 'message-summary', entity: 'sip:a\r\nEvil: 1@h' })).not.toMatch(/^Evil/m);
  });
  it('have a word for every state', () => {
    for (const state of PRESENCE_STATES)
      expect(bodyOf({ ...told, package: 'presence', state })).toMatch(/<basic>(open|closed)</);
  });
  it('say what the user says of himself, unless he is in a call', () => {
    const chat = { status: 'away', note: 'Lunch & <rest>' } as const;
    const free = bodyOf({ ...told, package: 'presence', chat });
    expect(free).toContain('<note>Lunch &amp; &lt;rest&gt;</note>');
    expect(free).toContain('<rpid:away/>');
    expect(free).toContain('<tuple id="chat"><status><basic>open</basic>');
    const busy = bodyOf({ ...told, package: 'presence', state: 'busy', chat });
    expect(busy).toContain('<rpid:on-the-phone/>');
    expect(busy).toContain('<note>On the phone</note>');
    const gone = bodyOf({ ...told, package: 'presence', chat: { status: 'offline', note: '' } });
    expect(gone).toContain('<tuple id="chat"><status><basic>closed</basic>');
  });
  it('say whether messages wait', () => {
    expect(bodyOf({ ...told, package: 'message-summary' })).toMatch(
      /^Messages-Waiting: no\r\n.*\r\nVoice-Message: 0\/2 /,
    );
    const messages = { waiting: true, fresh: 3, old: 2, freshUrgent: 1, oldUrgent: 0 };
    expect(bodyOf({ ...told, package: 'message-summary', messages })).toMatch(
      /^Messages-Waiting: yes\r\n.*\r\nVoice-Message: 3\/2 \(1\/0\)\r\n$/,
    );
  });
});

describe('what a SUBSCRIBE asks', () => {
  it.each([
    ['dialog', { package: 'dialog', id: null }],
    ['Presence;id=x1', { package: 'presence', id: 'x1' }],
    ['message-summary', { package: 'message-summary', id: null }],
    ['reg', null],
    ['dialog;id="a b"', null],
    [undefined, null],
  ])('%s', (value, expected) => {
    expect(readEvent(value)).toEqual(expected);
  });
  it('is an hour at most, a minute at least, or an end', () => {
    expect(['0', '59', '60', '999999', 'x', undefined].map(readSeconds)).toEqual([0, null, 60, 3600, 3600, 3600]);
  });
});
