/**
 * Life of a call as a machine: `reaching` (originated, nobody answered yet), `serving` (a flow or a conversation runs), `ending`
 * (everything is being withdrawn), `ended` (settled; nothing changes any more).
 */
import { setup, transition } from 'xstate';
import type { CallLife } from './machine.ts';

export type CallNews = 'serve' | 'end' | 'settle';

const life = setup({ types: { events: {} as { type: CallNews } } }).createMachine({
  id: 'call',
  initial: 'reaching',
  states: {
    reaching: { on: { serve: 'serving', end: 'ending' } },
    serving: { on: { end: 'ending' } },
    ending: { on: { settle: 'ended' } },
    ended: { type: 'final' },
  },
});

/** The call's life after `news`; the same value when the news is not legal now. */
export function nextCallLife(value: CallLife, news: CallNews): CallLife {
  const [next] = transition(life, life.resolveState({ value }), { type: news });
  return next.value as CallLife;
}
