/** Lets the caller into a meeting room. */
import * as z from 'zod';
import type { NodeAsk } from '../../src/define/behaviour.ts';
import { defineNode } from '../../src/define/define-node.ts';
import { PromptField, Template } from '../../src/define/fields.ts';

const TRIES = 3;

const config = z.strictObject({
  room: Template.min(1).max(200).meta({ title: 'Room', titleFr: 'Salle', widget: 'text', order: 1 }),
  pinPrompts: z
    .array(PromptField)
    .max(5)
    .default([])
    .meta({ title: 'Asking for the PIN', titleFr: 'Demande du code', widget: 'prompt-list', order: 2 }),
  muted: z
    .boolean()
    .default(false)
    .meta({ title: 'Only listens', titleFr: 'Écoute seulement', widget: 'switch', order: 3, advanced: true }),
});

export type Outcomes<_C> = 'unknown' | 'refused' | 'left' | 'failed';

/** What the end of a stay means: `busy`, the room is full; `forbidden`, it is locked or out of reach. */
const ENDS = { completed: 'left', busy: 'refused', forbidden: 'refused', 'not-found': 'unknown' } as Readonly<
  Record<string, 'left' | 'refused' | 'unknown'>
>;

interface Memory {
  readonly tries: number;
  readonly pin: string | null;
  readonly moderator: boolean;
  /** Id of the room found. */
  readonly room: string;
}
const START: Memory = { tries: 0, pin: null, moderator: false, room: '' };
const memoryOf = (memory: unknown): Memory => ({ ...START, ...(memory as Partial<Memory> | null) });
const kept = (memory: Memory) => ({ ...memory });

export default defineNode({
  kind: 'conference',
  version: 1,
  title: { en: 'Meeting room', fr: 'Salle de réunion' },
  description: {
    en: 'Lets the caller into a meeting room, after its PIN where it has one.',
    fr: 'Fait entrer l’appelant dans une salle de réunion, après son code s’il y en a un.',
  },
  icon: 'users',
  category: 'connect',
  config,
  summary: (c) => ({ en: c.room, fr: c.room }),
  outcomes: () => ['unknown', 'refused', 'left', 'failed'],
  behaviour: (c) => ({
    initial: 'looking-up',
    stages: {
      'looking-up': {
        asks: (scope) => {
          const id = scope.text(c.room).trim().slice(0, 400);
          return [{ ask: 'lookup', lookup: { what: 'room', id, pin: memoryOf(scope.memory).pin } }];
        },
        on: {
          io: ({ result }, scope) => {
            const memory = memoryOf(scope.memory);
            if (result.status === 'room') {
              const { moderator, pinNeeded, room } = result;
              return {
                stage: pinNeeded ? 'asking' : 'inside',
                memory: kept({ ...memory, pin: null, moderator, room }),
              };
            }
            if (result.status === 'refused') {
              const again = result.code === 'wrong-pin' && memory.tries < TRIES;
              return again
                ? { stage: 'asking', memory: kept({ ...memory, pin: null }) }
                : { outcome: 'refused', reason: result.code };
            }
            return { outcome: result.status === 'not-found' ? 'unknown' : 'failed', reason: result.status };
          },
        },
      },
      asking: {
        asks: (scope) => [collectPin(c.pinPrompts.map((prompt) => scope.prompt(prompt)))],
        on: {
          media: ({ result }, scope) => {
            if (result.status !== 'collected') return { outcome: 'refused', reason: result.status };
            const memory = memoryOf(scope.memory);
            const next = { ...memory, tries: memory.tries + 1, pin: result.value };
            return {
              stage: 'looking-up',
              memory: kept(next),
              input: { length: result.value.length, tries: result.tries },
            };
          },
        },
      },
      inside: {
        asks: (scope) => [
          {
            ask: 'conference',
            room: memoryOf(scope.memory).room,
            moderator: memoryOf(scope.memory).moderator,
            muted: c.muted,
          },
        ],
        on: { connect: ({ outcome }) => ({ outcome: ENDS[outcome] ?? 'failed', reason: outcome }) },
      },
    },
  }),
  example: { room: '${called.id}' },
  variants: [{ room: '800', muted: true }],
  migrations: [],
});

function collectPin(prompts: Extract<NodeAsk, { ask: 'collect' }>['spec']['prompts']): NodeAsk {
  return {
    ask: 'collect',
    spec: {
      prompts,
      modes: ['keys'],
      minDigits: 1,
      maxDigits: 20,
      terminators: '#',
      firstDigitTimeoutMs: 10_000,
      interDigitTimeoutMs: 4000,
      totalTimeoutMs: 0,
      tries: 2,
      noInputPrompts: [],
      noMatchPrompts: [],
      clearDigits: false,
    },
  };
}
