/** Into the box: at once from its own phone, else by PIN; then the main menu and the change of the PIN. */
import { type Next, type Scope, STAY, type Stage } from '../../src/define/behaviour.ts';
import type { IoResult, Lookup, Prompt, PromptItem } from '../../src/protocol/index.ts';
import { askBox, code, menu, type Session, sessionOf } from './session.ts';
import { word, wordItem } from './words.ts';

type Opening = Extract<Lookup, { what: 'mailbox' }>;

const MAX_TRIES = 3;

/** Tries so far, before there is a session. */
const triesOf = (scope: Scope): number => (typeof scope.memory === 'number' ? scope.memory : 0);

function opening(box: string, scope: Scope, pin: string | null): Opening {
  const named = scope.text(box).trim().slice(0, 400);
  const user = scope.caller.type === 'user' ? scope.caller.id : null;
  // somebody without a box of his own is asked for a PIN that no box has
  return {
    what: 'mailbox',
    box: named === 'own' ? '' : named,
    user: user?.slice(0, 64) ?? null,
    do: { act: 'open', pin },
  };
}

function opened(result: IoResult, scope: Scope): Next {
  if (result.status === 'mailbox-locked') return { stage: 'entering-pin', memory: 0 };
  if (result.status === 'refused') return refused(result.code, triesOf(scope));
  if (result.status !== 'mailbox') return { outcome: 'failed', reason: result.status };
  const { boxId, editGreeting, fresh, old, messages } = result;
  const language = result.language ?? scope.locale.language;
  const session: Session = {
    boxId,
    language,
    editGreeting,
    fresh,
    old,
    messages,
    greeting: null,
    recording: null,
    pin: null,
  };
  return { stage: 'counting', memory: session };
}

function refused(why: string, tries: number): Next {
  if (why === 'locked') return { stage: 'shut-out' };
  return tries + 1 >= MAX_TRIES ? { outcome: 'refused', reason: why } : { stage: 'entering-pin', memory: tries + 1 };
}

const count = (value: number, language: string): PromptItem => ({
  type: 'value',
  as: 'number',
  value: String(value),
  language,
});

function counts({ fresh, old, language }: Session): Prompt {
  return {
    items: [
      count(fresh, language),
      wordItem('fresh', language),
      ...(old > 0 ? [count(old, language), wordItem('old', language)] : []),
    ],
    bargeIn: true,
  };
}

/** Ends of a collect that all stages treat alike: nobody there, or nothing that could be played. */
export function unheard(status: string): Next {
  if (status === 'not-collected') return { outcome: 'left', reason: 'no-input' };
  return status === 'failed' ? { outcome: 'failed', reason: status } : STAY;
}

const CHOICES: Readonly<Record<string, string>> = { '1': 'choosing-message', '2': 'choosing-greeting', '3': 'new-pin' };

function menuStages(): Record<string, Stage> {
  return {
    counting: {
      asks: (scope) => [{ ask: 'play', prompts: [counts(sessionOf(scope))], clearDigits: false }],
      on: { media: ({ result }) => (result.status === 'interrupted' ? STAY : { stage: 'main-menu' }) },
    },
    'main-menu': {
      asks: (scope) => {
        const { language, editGreeting } = sessionOf(scope);
        return [menu([word('menu', language)], editGreeting ? ['1', '2', '3'] : ['1', '3'])];
      },
      on: {
        media: ({ result }) =>
          result.status === 'collected' ? { stage: CHOICES[result.value] ?? 'main-menu' } : unheard(result.status),
      },
    },
  };
}

function pinStages(): Record<string, Stage> {
  return {
    'new-pin': {
      asks: (scope) => [code([word('new-pin', sessionOf(scope).language)])],
      on: {
        media: ({ result }, scope) =>
          result.status === 'collected'
            ? { stage: 'pin-again', memory: { ...sessionOf(scope), pin: result.value } }
            : unheard(result.status),
      },
    },
    'pin-again': {
      asks: (scope) => [code([word('again', sessionOf(scope).language)])],
      on: {
        media: ({ result }, scope) => {
          if (result.status !== 'collected') return unheard(result.status);
          const session = sessionOf(scope);
          const same = session.pin === result.value;
          return same ? { stage: 'setting-pin' } : { stage: 'pin-differs', memory: { ...session, pin: null } };
        },
      },
    },
    'pin-differs': {
      asks: (scope) => [{ ask: 'play', prompts: [word('differs', sessionOf(scope).language)], clearDigits: true }],
      on: { media: ({ result }) => (result.status === 'interrupted' ? STAY : { stage: 'main-menu' }) },
    },
    'setting-pin': {
      asks: (scope) => askBox(sessionOf(scope), { act: 'set-pin', pin: sessionOf(scope).pin ?? '' }),
      on: {
        io: ({ result }, scope) =>
          result.status === 'mailbox-done'
            ? { stage: 'kept', memory: { ...sessionOf(scope), pin: null } }
            : { outcome: 'failed', reason: result.status },
      },
    },
    kept: {
      asks: (scope) => [{ ask: 'play', prompts: [word('kept', sessionOf(scope).language)], clearDigits: false }],
      on: { media: ({ result }) => (result.status === 'interrupted' ? STAY : { stage: 'main-menu' }) },
    },
  };
}

/** `box`: template of the box, empty for the caller's own. */
export function accessStages(box: string): Record<string, Stage> {
  return {
    opening: {
      asks: (scope) => [{ ask: 'lookup', lookup: opening(box, scope, null) }],
      on: { io: ({ result }, scope) => opened(result, scope) },
    },
    'entering-pin': {
      asks: (scope) => {
        const { language } = scope.locale;
        return [code([...(triesOf(scope) > 0 ? [word('pin-wrong', language)] : []), word('pin', language)])];
      },
      on: {
        media: ({ result }, scope) =>
          result.status === 'collected'
            ? { stage: 'checking', memory: { tries: triesOf(scope), pin: result.value } }
            : unheard(result.status),
      },
    },
    checking: {
      asks: (scope) => [{ ask: 'lookup', lookup: opening(box, scope, typed(scope).pin) }],
      on: {
        io: ({ result }, scope) => {
          if (result.status === 'refused') return refused(result.code, typed(scope).tries);
          return result.status === 'mailbox-locked' ? { outcome: 'refused', reason: 'locked' } : opened(result, scope);
        },
      },
    },
    'shut-out': {
      asks: (scope) => [{ ask: 'play', prompts: [word('locked', scope.locale.language)], clearDigits: true }],
      on: {
        media: ({ result }) => (result.status === 'interrupted' ? STAY : { outcome: 'refused', reason: 'locked' }),
      },
    },
    ...menuStages(),
    ...pinStages(),
  };
}

function typed(scope: Scope): { readonly tries: number; readonly pin: string } {
  const memory = scope.memory as { readonly tries?: unknown; readonly pin?: unknown } | null;
  return { tries: Number(memory?.tries ?? 0), pin: String(memory?.pin ?? '') };
}
