/** Every answer worth trying to an ask: the branching of state exploration and of the contract kit. */

import { type Ask, ConnectOutcome, type Reply } from '../src/define/ask.ts';
import { localTime } from '../src/define/calendar.ts';
import {
  AgentDone,
  type Calendar,
  type JsonValue,
  type Lookup,
  QueueOutcome,
  type ScriptAnswer,
} from '../src/protocol/index.ts';
import { companyReplies, isOfCompany } from './replies-company.ts';

type MediaReply = Extract<Reply, { reply: 'media' }>['result'];

/** Values that may matter, taken from the flow itself. */
export interface Candidates {
  /** Constants that expressions compare with. */
  readonly entries: readonly string[];
  /** Sample bodies of HTTP answers. */
  readonly bodies: readonly JsonValue[];
}

const ALWAYS: Calendar = {
  timeZone: 'UTC',
  weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 1440 }],
  dates: [],
};
const NEVER: Calendar = { timeZone: 'UTC', weekly: [], dates: [] };

const RECORDING = '00000000-0000-4000-8000-000000000001';
const BOX = '00000000-0000-4000-8000-000000000002';

/** Replies to an ask at an instant (epoch ms). Asks that get none give an empty list. */
export function repliesTo(ask: Ask, at: number, candidates: Candidates): Reply[] {
  const { id } = ask;
  switch (ask.ask) {
    case 'play':
      return media(id, [{ status: 'done' }, { status: 'failed', code: 'not-found', message: '' }]);
    case 'collect':
      return media(id, collectResults(ask.spec, candidates));
    case 'record':
      return media(id, [
        { status: 'recorded', recordingId: RECORDING, durationMs: 3000, ended: 'terminator' },
        { status: 'recorded', recordingId: null, durationMs: 200, ended: 'terminator' },
        { status: 'failed', code: 'TEL_DISK', message: '' },
      ]);
    case 'background':
    case 'answer':
      return [{ reply: 'ok', id }];
    case 'timer':
      return [{ reply: 'timer', id }];
    case 'connect':
    case 'ring-group':
      return ConnectOutcome.options.map((outcome) => ({ reply: 'connect', id, outcome, userId: null, talkMs: 0 }));
    case 'conference':
      return (['completed', 'failed'] as const).map((outcome) => ({
        reply: 'connect',
        id,
        outcome,
        userId: null,
        talkMs: 0,
      }));
    case 'pick-up':
    case 'supervise':
    case 'park':
      return (['not-found', 'forbidden', 'no-answer', 'failed'] as const).map((outcome) => ({
        reply: 'connect',
        id,
        outcome,
        userId: null,
        talkMs: 0,
      }));
    case 'transfer':
      return [{ reply: 'connect', id, outcome: 'failed', userId: null, talkMs: 0 }];
    case 'callback':
      return (['completed', 'not-found'] as const).map((outcome) => ({
        reply: 'connect',
        id,
        outcome,
        userId: null,
        talkMs: 0,
      }));
    case 'queue':
      return QueueOutcome.options.map((outcome) => ({
        reply: 'queue',
        id,
        outcome,
        userId: null,
        waitedMs: 0,
        talkMs: 0,
      }));
    case 'request':
      return ask.request.script
        ? scriptReplies(id, ask.request.script.tag, candidates)
        : requestReplies(id, candidates);
    case 'lookup':
      if (ask.lookup.what === 'room') return roomReplies(id);
      if (ask.lookup.what === 'names') return nameReplies(id);
      if (ask.lookup.what === 'mail') return mailReplies(id);
      if (ask.lookup.what === 'voicemail' || ask.lookup.what === 'mailbox') return boxReplies(id, ask.lookup);
      if (isOfCompany(ask.lookup)) return companyReplies(id, ask.lookup);
      return ask.lookup.what === 'agent' ? agentReplies(id) : lookupReplies(id, at);
    case 'hangup':
    case 'log':
    case 'cancel':
      return [];
  }
}

function nameReplies(id: string): Reply[] {
  const ada = { userId: 'ada', number: '101', name: 'Ada', recorded: null };
  return [
    { reply: 'io', id, result: { status: 'names', names: [ada] } },
    { reply: 'io', id, result: { status: 'names', names: [] } },
    { reply: 'io', id, result: { status: 'io-failed', code: 'timeout', message: '' } },
  ];
}

function media(id: string, results: readonly MediaReply[]): Reply[] {
  return results.map((result) => ({ reply: 'media', id, result }));
}

function collectResults(spec: Extract<Ask, { ask: 'collect' }>['spec'], candidates: Candidates): MediaReply[] {
  const fits = (entry: string) =>
    /^[0-9*#]+$/.test(entry) && entry.length >= spec.minDigits && entry.length <= spec.maxDigits;
  const filler = '1234567890'.repeat(7).slice(0, Math.max(1, spec.minDigits));
  const alone = [...(spec.loneKeys ?? '')];
  const entries = [...alone, ...(spec.accept ?? new Set([...candidates.entries.filter(fits), filler]))];
  return [
    ...entries.map((value): MediaReply => ({ status: 'collected', mode: 'keys', value, confidence: 1, tries: 1 })),
    { status: 'not-collected', reason: 'no-input', value: '', tries: spec.tries },
    { status: 'not-collected', reason: 'no-match', value: '', tries: spec.tries },
    { status: 'failed', code: 'gone', message: '' },
  ];
}

function requestReplies(id: string, candidates: Candidates): Reply[] {
  const bodies = candidates.bodies.length > 0 ? candidates.bodies : [{}];
  return [
    ...bodies.map(
      (body): Reply => ({ reply: 'io', id, result: { status: 'http', httpStatus: 200, body, truncated: false } }),
    ),
    { reply: 'io', id, result: { status: 'http', httpStatus: 500, body: null, truncated: false } },
    { reply: 'io', id, result: { status: 'io-failed', code: 'timeout', message: '' } },
    { reply: 'io', id, result: { status: 'io-failed', code: 'unreachable', message: '' } },
  ];
}

/** Tag of a node that a script has changed: it is changed once. */
const CHANGED = 1;

/** What a script may want, and no answer that can be read. */
function scriptReplies(id: string, tag: number, { entries }: Candidates): Reply[] {
  const keys = entries.filter((entry) => /^[0-9*#]{1,12}$/.test(entry));
  const answers: ScriptAnswer[] = [
    { do: 'end' },
    ...[...new Set(['0', ...keys])].map((key): ScriptAnswer => ({ do: 'next', key })),
    { do: 'transfer', to: { type: 'number', number: '385' }, shown: null },
    ...(tag === CHANGED ? [] : [{ do: 'again', change: { tag: CHANGED } } as const]),
  ];
  return [
    ...answers.map((answer): Reply => ({ reply: 'io', id, result: { status: 'script', answer } })),
    { reply: 'io', id, result: { status: 'io-failed', code: 'timeout', message: '' } },
  ];
}

function agentReplies(id: string): Reply[] {
  const done = AgentDone.shape.did.options.map((did): Reply => ({ reply: 'io', id, result: { status: 'agent', did } }));
  const failed = { status: 'io-failed', code: 'timeout', message: '' } as const;
  return [...done, { reply: 'io', id, result: { status: 'not-found' } }, { reply: 'io', id, result: failed }];
}

const refusedBy = (code: string): Extract<Reply, { reply: 'io' }>['result'] => ({
  status: 'refused',
  code,
  check: 'mailbox',
  by: 'company',
  cause: 'forbidden',
});

const mailReplies = (id: string): Reply[] => [
  { reply: 'io', id, result: { status: 'mail-queued' } },
  { reply: 'io', id, result: { status: 'not-found' } },
];

/** Boxes: there or not, full or not, open or shut. */
function boxReplies(id: string, lookup: Extract<Lookup, { what: 'voicemail' | 'mailbox' }>): Reply[] {
  const answers = (results: readonly Extract<Reply, { reply: 'io' }>['result'][]): Reply[] =>
    [...results, { status: 'not-found' } as const, { status: 'io-failed', code: 'timeout', message: '' } as const].map(
      (result) => ({ reply: 'io', id, result }),
    );
  if (lookup.what === 'voicemail') {
    const box = { status: 'voicemail', boxId: BOX, maxMs: 60_000, greeting: null, name: null, language: null } as const;
    return answers([
      { ...box, state: 'busy', full: false },
      { ...box, state: 'default', full: true },
    ]);
  }
  if (lookup.do.act !== 'open') return answers([{ status: 'mailbox-done' }]);
  const open = { status: 'mailbox', boxId: BOX, language: null, editGreeting: true } as const;
  const message = { id: RECORDING, at: 0, number: '+33123456789', fresh: true };
  return answers([
    { ...open, fresh: 1, old: 0, messages: [message] },
    { ...open, fresh: 0, old: 0, editGreeting: false, messages: [] },
    { status: 'mailbox-locked' },
    refusedBy('wrong-pin'),
    refusedBy('locked'),
  ]);
}

function roomReplies(id: string): Reply[] {
  const coordinates = { type: 'meeting-room', id: 'room', entityNumber: 1, number: '800', name: '' };
  const room = { status: 'room', room: 'room', coordinates, moderator: false } as const;
  return [
    { reply: 'io', id, result: { ...room, pinNeeded: false } },
    { reply: 'io', id, result: { ...room, pinNeeded: true } },
    {
      reply: 'io',
      id,
      result: { status: 'refused', code: 'wrong-pin', check: 'room', by: 'company', cause: 'forbidden' },
    },
    { reply: 'io', id, result: { status: 'not-found' } },
    { reply: 'io', id, result: { status: 'io-failed', code: 'timeout', message: '' } },
  ];
}

function lookupReplies(id: string, at: number): Reply[] {
  const today = localTime(at, 'UTC').date;
  const holiday: Calendar = { ...NEVER, dates: [{ date: today, name: '', hours: [] }] };
  const calendars = [ALWAYS, NEVER, holiday].map(
    (calendar): Reply => ({ reply: 'io', id, result: { status: 'calendar', calendar } }),
  );
  return [...calendars, { reply: 'io', id, result: { status: 'not-found' } }];
}
