/** Hearing messages one after the other: again, next, delete, call back. What was heard is an old one. */
import { type Next, STAY, type Stage } from '../../src/define/behaviour.ts';
import type { Prompt } from '../../src/protocol/index.ts';
import { unheard } from './access.ts';
import { askBox, menu, type Session, sessionOf } from './session.ts';
import { word, wordItem } from './words.ts';

const NEXT = '1';
const AGAIN = '2';
const DELETE = '3';
const CALL_BACK = '4';
const MENU = '*';

function spoken({ messages, language }: Session): Prompt[] {
  const [message] = messages;
  if (!message) return [word('none', language)];
  const { number, at, id } = message;
  const digits = number.replace(/[^0-9]/g, '');
  const from: Prompt['items'] =
    digits === ''
      ? [wordItem('unknown', language)]
      : [wordItem('from', language), { type: 'value', as: 'digits', value: digits, language, pii: true }];
  const when: Prompt['items'] = [
    wordItem('on', language),
    { type: 'value', as: 'datetime', value: new Date(at).toISOString(), language },
  ];
  return [
    { items: [...from, ...when], bargeIn: true },
    { items: [{ type: 'recording', id }], bargeIn: true },
  ];
}

/** The first message is done with. */
function dropFirst(session: Session): Session {
  return { ...session, messages: session.messages.slice(1) };
}

function chosen(key: string, session: Session, callBack: string | undefined): Next {
  const [message] = session.messages;
  switch (key) {
    case AGAIN:
      return { stage: 'hearing' };
    case DELETE:
      return { stage: 'deleting' };
    case CALL_BACK:
      if (!callBack || !message || message.number === '') return { stage: 'hearing' };
      return { outcome: 'call-back', reason: 'call-back', set: { [callBack]: message.number } };
    case MENU:
      return { stage: 'main-menu' };
    default:
      return { stage: 'choosing-message', memory: dropFirst(session) };
  }
}

/** `callBack`: variable that takes the number to call back; without one nobody is called back. */
export function messageStages(callBack: string | undefined): Record<string, Stage> {
  return {
    'choosing-message': {
      enter: (scope) => ({ stage: sessionOf(scope).messages.length === 0 ? 'no-more' : 'marking' }),
    },
    'no-more': {
      asks: (scope) => [{ ask: 'play', prompts: [word('none', sessionOf(scope).language)], clearDigits: false }],
      on: { media: ({ result }) => (result.status === 'interrupted' ? STAY : { stage: 'main-menu' }) },
    },
    // before it is heard: whoever hangs up while it plays has heard of it
    marking: {
      asks: (scope) => {
        const session = sessionOf(scope);
        return askBox(session, { act: 'mark', message: session.messages[0]!.id, as: 'old' });
      },
      on: {
        io: ({ result }) =>
          result.status === 'mailbox-done' ? { stage: 'hearing' } : { outcome: 'failed', reason: result.status },
      },
    },
    hearing: {
      asks: (scope) => {
        const session = sessionOf(scope);
        const keys = callBack ? [NEXT, AGAIN, DELETE, CALL_BACK, MENU] : [NEXT, AGAIN, DELETE, MENU];
        return [menu([...spoken(session), word('message', session.language)], keys)];
      },
      on: {
        media: ({ result }, scope) =>
          result.status === 'collected' ? chosen(result.value, sessionOf(scope), callBack) : unheard(result.status),
      },
    },
    deleting: {
      asks: (scope) => {
        const session = sessionOf(scope);
        return askBox(session, { act: 'mark', message: session.messages[0]!.id, as: 'deleted' });
      },
      on: {
        io: ({ result }, scope) =>
          result.status === 'mailbox-done'
            ? { stage: 'deleted', memory: dropFirst(sessionOf(scope)) }
            : { outcome: 'failed', reason: result.status },
      },
    },
    deleted: {
      asks: (scope) => [{ ask: 'play', prompts: [word('deleted', sessionOf(scope).language)], clearDigits: false }],
      on: { media: ({ result }) => (result.status === 'interrupted' ? STAY : { stage: 'choosing-message' }) },
    },
  };
}
