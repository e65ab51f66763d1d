/** Takes a message for a voicemail box. */
import * as z from 'zod';
import { STAY } from '../../src/define/behaviour.ts';
import { defineNode } from '../../src/define/define-node.ts';
import { entityReference, Template } from '../../src/define/fields.ts';
import { AbsenceState, VoicemailFound } from '../../src/protocol/index.ts';
import { fullWords, greetingWords, leaveWords, thanksWords } from './words.ts';

const config = z.strictObject({
  box: Template.min(1).max(400).meta({
    title: 'Box',
    titleFr: 'Messagerie',
    widget: 'text',
    order: 1,
    description: 'Id or access number of the box, id or extension of its user.',
  }),
  state: AbsenceState.or(z.literal('given')).default('given').meta({
    title: 'Greeting',
    titleFr: 'Annonce',
    widget: 'select',
    order: 2,
    description: 'Given: why the call came here.',
  }),
  minMs: z.number().int().min(0).max(10_000).default(1000).meta({
    title: 'Shortest message',
    titleFr: 'Message le plus court',
    widget: 'duration',
    unit: 'ms',
    order: 10,
    advanced: true,
  }),
});

export type Outcomes<_C> = 'left' | 'empty' | 'full' | 'failed';

export default defineNode({
  kind: 'voicemail',
  version: 1,
  title: { en: 'Voicemail', fr: 'Messagerie vocale' },
  description: {
    en: 'Plays a box’s greeting and takes a message.',
    fr: 'Diffuse l’annonce d’une messagerie et prend un message.',
  },
  icon: 'voicemail',
  category: 'connect',
  config,
  summary: (c) => ({ en: c.box, fr: c.box }),
  outcomes: () => ['left', 'empty', 'full', 'failed'],
  decidedBy: (outcome) => (outcome === 'empty' ? 'caller' : 'machine'),
  references: (c) => entityReference(['box'], 'voicemail', c.box),
  behaviour: (c) => ({
    initial: 'asking',
    stages: {
      asking: {
        asks: (scope) => {
          const box = scope.text(c.box).trim().slice(0, 380);
          const id = c.state === 'given' ? box : `${box.split('/')[0]}/${c.state}`;
          return [{ ask: 'lookup', lookup: { what: 'voicemail', id } }];
        },
        on: {
          io: ({ result }) => {
            if (result.status !== 'voicemail') return { outcome: 'failed', reason: result.status };
            return { stage: result.full ? 'refusing' : 'recording', memory: result };
          },
        },
      },
      refusing: {
        asks: (scope) => [{ ask: 'play', prompts: [fullWords(scope.locale.language)], clearDigits: true }],
        on: { media: ({ result }) => (result.status === 'interrupted' ? STAY : { outcome: 'full', reason: 'full' }) },
      },
      recording: {
        asks: (scope) => {
          const box = VoicemailFound.parse(scope.memory);
          const language = box.language ?? scope.locale.language;
          const own = box.greeting ? [box.greeting] : box.name ? [box.name, leaveWords(language)] : null;
          return [
            {
              ask: 'record',
              spec: {
                prompts: own ?? [greetingWords(box.state, language)],
                purpose: { type: 'voicemail', boxId: box.boxId, from: scope.caller },
                beep: true,
                maxMs: box.maxMs,
                minMs: c.minMs,
                silenceMs: 10_000,
                terminators: '#',
              },
            },
          ];
        },
        on: {
          media: ({ result }) => {
            if (result.status === 'recorded') {
              if (result.recordingId === null) return { outcome: 'empty', reason: 'short' };
              return { stage: 'thanking', reason: result.ended };
            }
            if (result.status !== 'failed') return STAY;
            const log = { level: 'error', text: `The message could not be recorded (${result.code})` } as const;
            return { outcome: 'failed', reason: result.code, log };
          },
        },
      },
      thanking: {
        asks: (scope) => [{ ask: 'play', prompts: [thanksWords(scope.locale.language)], clearDigits: true }],
        on: { media: ({ result }) => (result.status === 'interrupted' ? STAY : { outcome: 'left', reason: 'left' }) },
      },
    },
  }),
  example: { box: '102' },
  variants: [{ box: '${called.id}', state: 'closed' }],
  migrations: [],
});
