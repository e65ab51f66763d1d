/** Flows whose sound tells what happened: every state that a call can be in when something is killed. */
import { type Cdr, type FlowDocument, flow, node, type Step } from '@callwright/engine';
import type { World } from '../e2e/world.ts';
import { limitsHold } from './figures.ts';

const tone = (hz: number, onMs: number) => ({ type: 'tone' as const, frequenciesHz: [hz], onMs });

/** A prompt that climbs by 50 Hz every second: heard again from an earlier step, it was started again. */
export const CLIMB = { fromHz: 400, stepHz: 50, steps: limitsHold ? 45 : 28, stepMs: 1000 };
export const climb: FlowDocument = flow('chaos-climb', {
  title: 'Chaos: long prompt',
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'climb' }),
    climb: node(
      'play',
      {
        prompts: [
          {
            parts: Array.from({ length: CLIMB.steps }, (_, i) => tone(CLIMB.fromHz + CLIMB.stepHz * i, CLIMB.stepMs)),
          },
        ],
      },
      { next: 'end' },
    ),
    end: node('hang-up', {}),
  },
});

/**
 * A chain of `count` pairs, each a step that leads on and the tone that follows it; the last tone leads to the end. `others` stand before
 * the end.
 */
function pairs(
  name: string,
  title: string,
  count: number,
  [step, sound]: readonly [string, string],
  heard: { toneHz: number; toneMs: number },
  make: (next: string) => Step<string>,
  others: Readonly<Record<string, Step<string>>> = {},
): FlowDocument {
  const chain = Array.from({ length: count }, (_, i): [string, Step<string>][] => [
    [`${step}-${i}`, make(`${sound}-${i}`)],
    [
      `${sound}-${i}`,
      node(
        'play',
        { prompts: [{ parts: [tone(heard.toneHz, heard.toneMs)] }] },
        { next: i + 1 < count ? `${step}-${i + 1}` : 'end' },
      ),
    ],
  ]).flat();
  const nodes: Record<string, Step<string>> = {
    start: node('start', { answer: true }, { next: `${step}-0` }),
    ...Object.fromEntries(chain),
    ...others,
    end: node('hang-up', {}),
  };
  return flow(name, { title, language: 'en', nodes });
}

/** Waits and tones in turn: a timer that is late or lost is heard. */
export const TICK = { waitMs: 8000, toneHz: 1500, toneMs: 300 };
export const ticks = (count: number): FlowDocument =>
  pairs('chaos-ticks', 'Chaos: timers', count, ['wait', 'tick'], TICK, (next) =>
    node('wait', { forMs: TICK.waitMs, sound: 'none' }, { elapsed: next, continue: next }),
  );

/** Holds the caller until somebody outside takes the call on. */
export const held: FlowDocument = flow('chaos-held', {
  title: 'Chaos: held',
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'hold' }),
    hold: node('wait', { forMs: null, sound: 'none' }, { continue: 'end' }),
    end: node('hang-up', {}),
  },
});

/** Asks a slow service again and again, with a tone after each answer. */
export const ASK = { answerMs: 2000, toneHz: 1700, toneMs: 200, asks: limitsHold ? 16 : 9 };
export const asks = (url: string): FlowDocument =>
  pairs(
    'chaos-asks',
    'Chaos: requests',
    ASK.asks,
    ['ask', 'answer'],
    ASK,
    (next) =>
      node(
        'request',
        { url, timeoutMs: 5000, retries: 3 },
        { ok: next, 'http-error': 'failed', timeout: 'failed', failed: 'failed' },
      ),
    { failed: node('hang-up', {}) },
  );

/** Rings a group for as long as a test lasts. */
export const ring = (group: string, totalRingMs: number): FlowDocument =>
  flow(`chaos-ring-${group}`, {
    title: 'Chaos: ringing',
    language: 'en',
    nodes: {
      start: node('start', { answer: true }, { next: 'ring' }),
      ring: node(
        'ring-group',
        { group, totalRingMs, comfort: 'ringback' },
        { completed: 'end', busy: 'end', 'no-answer': 'end', rejected: 'end', unavailable: 'end', failed: 'end' },
      ),
      end: node('hang-up', {}),
    },
  });

/** Nodes of the catalogue's tone menu by digit. */
const TONE_MENU_NODES = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** The keys that a call in the tone menu acted on, by its way through the menu. */
export const digitsOf = (cdr: Cdr): string =>
  cdr.path.flatMap((name) => (TONE_MENU_NODES.includes(name) ? [TONE_MENU_NODES.indexOf(name)] : [])).join('');

/** Publishes a flow and gives it a number that anybody may call. */
export async function publish(world: World, document: FlowDocument, dialled: string): Promise<void> {
  const made = await world.must<{ id: string }>('POST', '/flows', { file: { document } });
  await world.must('POST', `/flows/${made.id}/publish`, {});
  await world.must('POST', '/numbers', {
    dialled,
    kind: 'service',
    public: true,
    destination: { type: 'flow', id: made.id },
  });
}
