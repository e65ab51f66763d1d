/** Life of a leg as a machine: which steps are legal, so that late and repeated news change nothing. */
import { setup, transition } from 'xstate';
import type { LegLife } from './machine.ts';

export type LegNews = 'ring' | 'answer' | 'end' | 'release';

const ends = { end: 'ended' } as const;

const life = setup({ types: { events: {} as { type: LegNews } } }).createMachine({
  id: 'leg',
  initial: 'offered',
  states: {
    offered: { on: { ring: 'ringing', answer: 'answered', ...ends } },
    dialling: { on: { ring: 'ringing', answer: 'answered', ...ends } },
    ringing: { on: { answer: 'answered', ...ends } },
    answered: { on: { ...ends } },
    ended: { on: { release: 'released' } },
    released: { type: 'final' },
  },
});

/** The leg's life after `news`; the same value when the news is not legal now. */
export function nextLegLife(value: LegLife, news: LegNews): LegLife {
  const [next] = transition(life, life.resolveState({ value }), { type: news });
  return next.value as LegLife;
}
