/**
 * For measuring: a digit gives a tone of its own, then the menu listens again. No speech, so that nothing but the path from key to
 * sound is measured. Tone of digit d: 400 + 100 × d Hz; ready: 350 Hz. `*` ends.
 */
import { flow, node } from '@callwright/engine';

const tone = (hz: number, onMs: number) => ({ parts: [{ type: 'tone' as const, frequenciesHz: [hz], onMs }] });
const listen = { firstDigitTimeoutMs: 60_000, tries: 1 };
const choices = [
  { key: '0', outcome: 'zero' },
  { key: '1', outcome: 'one' },
  { key: '2', outcome: 'two' },
  { key: '3', outcome: 'three' },
  { key: '4', outcome: 'four' },
  { key: '5', outcome: 'five' },
  { key: '6', outcome: 'six' },
  { key: '7', outcome: 'seven' },
  { key: '8', outcome: 'eight' },
  { key: '9', outcome: 'nine' },
  { key: '*', outcome: 'end' },
] as const;

/** A menu that plays one tone and takes the next digit at once: one durable step from key to tone. */
const menu = (hz: number, onMs: number) =>
  node(
    'menu',
    { ...listen, prompts: [tone(hz, onMs)], choices: [...choices] },
    {
      zero: 'zero',
      one: 'one',
      two: 'two',
      three: 'three',
      four: 'four',
      five: 'five',
      six: 'six',
      seven: 'seven',
      eight: 'eight',
      nine: 'nine',
      end: 'end',
      'no-input': 'end',
      'no-match': 'ready',
    },
  );

export default flow('tone-menu', {
  title: 'Tone menu',
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'ready' }),
    ready: menu(350, 200),
    zero: menu(400, 1000),
    one: menu(500, 1000),
    two: menu(600, 1000),
    three: menu(700, 1000),
    four: menu(800, 1000),
    five: menu(900, 1000),
    six: menu(1000, 1000),
    seven: menu(1100, 1000),
    eight: menu(1200, 1000),
    nine: menu(1300, 1000),
    end: node('hang-up', {}),
  },
});
