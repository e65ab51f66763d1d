/** Recording greetings: one is spoken, heard, and kept or spoken again. */
import { STAY, type Stage } from '../../src/define/behaviour.ts';
import type { GreetingKind } from '../../src/protocol/index.ts';
import { unheard } from './access.ts';
import { askBox, menu, sessionOf } from './session.ts';
import { word } from './words.ts';

const KINDS: Readonly<Record<string, GreetingKind>> = {
  '1': 'default',
  '2': 'busy',
  '3': 'no-answer',
  '4': 'away',
  '5': 'dnd',
  '6': 'name',
};
const LONGEST_MS = 120_000;
const SHORTEST_MS = 500;

export function greetingStages(): Record<string, Stage> {
  return {
    'choosing-greeting': {
      asks: (scope) => [menu([word('greetings', sessionOf(scope).language)], [...Object.keys(KINDS), '*'])],
      on: {
        media: ({ result }, scope) => {
          if (result.status !== 'collected') return unheard(result.status);
          const greeting = KINDS[result.value];
          return greeting
            ? { stage: 'recording-greeting', memory: { ...sessionOf(scope), greeting } }
            : { stage: 'main-menu' };
        },
      },
    },
    'recording-greeting': {
      asks: (scope) => {
        const { boxId, language } = sessionOf(scope);
        return [
          {
            ask: 'record',
            spec: {
              prompts: [word('speak', language)],
              purpose: { type: 'greeting', boxId },
              beep: true,
              maxMs: LONGEST_MS,
              minMs: SHORTEST_MS,
              silenceMs: 10_000,
              terminators: '#',
            },
          },
        ];
      },
      on: {
        media: ({ result }, scope) => {
          if (result.status === 'failed') return { outcome: 'failed', reason: result.code };
          if (result.status !== 'recorded') return STAY;
          if (result.recordingId === null) return { stage: 'choosing-greeting' };
          return { stage: 'judging', memory: { ...sessionOf(scope), recording: result.recordingId } };
        },
      },
    },
    judging: {
      asks: (scope) => {
        const { recording, language } = sessionOf(scope);
        const heard = { items: [{ type: 'recording' as const, id: recording ?? '' }], bargeIn: true };
        return [menu([heard, word('keep', language)], ['1', '2', '*'])];
      },
      on: {
        media: ({ result }) => {
          if (result.status !== 'collected') return unheard(result.status);
          if (result.value === '1') return { stage: 'keeping' };
          return { stage: result.value === '2' ? 'recording-greeting' : 'main-menu' };
        },
      },
    },
    keeping: {
      asks: (scope) => {
        const session = sessionOf(scope);
        const { greeting, recording } = session;
        return askBox(session, { act: 'set-greeting', greeting: greeting ?? 'default', recording: recording ?? '' });
      },
      on: {
        io: ({ result }) =>
          result.status === 'mailbox-done' ? { stage: 'kept' } : { outcome: 'failed', reason: result.status },
      },
    },
  };
}
