import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_START, openAfter } from '../../testing/explore.ts';
import { repliesTo } from '../../testing/replies.ts';
import type { Ask, Reply } from '../define/ask.ts';
import { flow, node, say } from './author.ts';
import type { FlowDocument } from './document.ts';
import {
  compileClosure,
  currentNode,
  type FlowState,
  listensForContinue,
  outcomesHere,
  overrideNode,
  skipNode,
  startFlow,
  stepFlow,
} from './machine.ts';
import { buildRevision, NO_CATALOGUE } from './publish.ts';

const identify = flow('identify', {
  language: 'en',
  variables: { customer: { type: 'string', initial: '' }, given: { type: 'string', initial: '' } },
  nodes: {
    ask: node(
      'collect',
      { prompts: [say('Number?')], variable: 'customer', maxDigits: 4 },
      { collected: 'known', 'no-input': 'unknown', 'no-match': 'unknown' },
    ),
    known: node('return', { outcome: 'known' }),
    unknown: node('return', { outcome: 'unknown' }),
  },
});

const main = flow('main', {
  language: 'en',
  variables: {
    customer: { type: 'string', initial: '', pii: true },
    turns: { type: 'number', initial: 0 },
  },
  nodes: {
    start: node('start', { answer: true }, { next: 'who' }),
    who: node(
      'sub-flow',
      {
        flow: 'identify',
        outcomes: ['known', 'unknown'],
        inputs: [{ variable: 'given', value: 'caller.number' }],
        outputs: [{ variable: 'customer', from: 'customer' }],
      },
      { known: 'hold', unknown: 'count' },
    ),
    count: node('set', { assignments: [{ variable: 'turns', value: 'turns + 1' }] }, { next: 'enough' }),
    enough: node('branch', { branches: [{ when: 'turns >= 3', outcome: 'yes' }] }, { yes: 'end', otherwise: 'who' }),
    hold: node('wait', { forMs: 30_000 }, { elapsed: 'greet', continue: 'end' }),
    greet: node('log', { text: 'Known: ${customer}' }, { next: 'end' }),
    end: node('hang-up', {}),
  },
});

function closureOf(document: FlowDocument, others: readonly FlowDocument[] = []) {
  const known = Object.fromEntries(others.map((other) => [other.name, buildRevision(other, NO_CATALOGUE).closure]));
  return buildRevision(document, { flow: (name) => known[name] ?? null, audio: () => null }).closure;
}

const compiled = compileClosure(closureOf(main, [identify]));
const media = (id: string, result: Extract<Reply, { reply: 'media' }>['result']): Reply => ({
  reply: 'media',
  id,
  result,
});
const collected = (id: string, value: string) =>
  media(id, { status: 'collected', mode: 'keys', value, confidence: 1, tries: 1 });

/** Into the sub-flow: its collect is open. */
function inside() {
  const started = startFlow(compiled, DEFAULT_START);
  return stepFlow(compiled, started.state, { reply: 'ok', id: started.asks[0]!.id }, 1);
}

describe('sub-flows', () => {
  test('run inside, with nodes named by the way to them', () => {
    const step = inside();
    expect(step.asks.map((ask) => ask.ask)).toEqual(['collect']);
    expect(currentNode(step.state)).toBe('who/ask');
    expect(step.trace).toContainEqual({ type: 'node.entered', node: 'who/ask', nodeNumber: 0, kind: 'collect' });
    expect(step.state.frames[1]?.context.variables).toMatchObject({ given: '100' });
  });

  test('come back by their outcome, with values', () => {
    const step = inside();
    const back = stepFlow(compiled, step.state, collected(step.asks[0]!.id, '42'), 2);
    expect(back.state.frames).toHaveLength(1);
    expect(back.state.frames[0]?.context.variables.customer).toBe('42');
    expect(currentNode(back.state)).toBe('hold');
    expect(back.trace).toContainEqual(expect.objectContaining({ type: 'node.left', node: 'who', outcome: 'known' }));
  });

  test('are left at the node they stand at, by one of its outcomes only', () => {
    const { state } = inside();
    expect(outcomesHere(compiled, state)).toEqual(['collected', 'no-input', 'no-match']);
    const wish = { node: 'who/ask', outcome: 'no-input' };
    const skipped = skipNode(compiled, state, wish, 2);
    if (!skipped.ok) throw new Error(skipped.code);
    expect(skipped.step.trace).toContainEqual(
      expect.objectContaining({
        type: 'node.left',
        node: 'who/ask',
        outcome: 'no-input',
        reason: 'skipped from outside',
      }),
    );
    expect(skipped.step.trace).toContainEqual(
      expect.objectContaining({ type: 'node.left', node: 'who', outcome: 'unknown' }),
    );
    expect(skipped.step.asks).toContainEqual(expect.objectContaining({ ask: 'cancel' }));
    expect(currentNode(skipped.step.state)).toBe('who/ask');
    expect(skipNode(compiled, state, { ...wish, node: 'who' }, 2)).toEqual({ ok: false, code: 'moved-on' });
    expect(skipNode(compiled, state, { ...wish, outcome: 'constructor' }, 2)).toEqual({
      ok: false,
      code: 'unknown-outcome',
    });
  });

  test('a personal value never shows in the trace', () => {
    const step = inside();
    const back = stepFlow(compiled, step.state, collected(step.asks[0]!.id, '4242'), 2);
    const timer = back.asks.find((ask) => ask.ask === 'timer')!;
    const done = stepFlow(compiled, back.state, { reply: 'timer', id: timer.id }, 3);
    expect(done.trace).toContainEqual({ type: 'log', node: 'greet', level: 'info', text: 'Known: ***' });
    expect(JSON.stringify([back.trace, done.trace])).not.toContain('4242');
  });
});

describe('replies', () => {
  test('to nothing that is open change nothing', () => {
    const step = inside();
    const before = JSON.stringify(step.state);
    const id = step.asks[0]!.id;
    const strange: Reply[] = [
      collected('flow/1/99', '1'),
      { reply: 'timer', id },
      { reply: 'continue', id },
      { reply: 'ok', id: 'flow/1/1' },
    ];
    for (const reply of strange) {
      const after = stepFlow(compiled, step.state, reply, 9);
      expect(after.asks).toEqual([]);
      expect(after.trace).toEqual([]);
      expect(JSON.stringify(after.state)).toBe(before);
    }
  });

  test('come once: the same one again is nothing', () => {
    const step = inside();
    const reply = collected(step.asks[0]!.id, '42');
    const back = stepFlow(compiled, step.state, reply, 2);
    expect(stepFlow(compiled, back.state, reply, 3)).toEqual({ state: back.state, asks: [], trace: [] });
  });

  test('a command from outside withdraws the timer', () => {
    const step = inside();
    const back = stepFlow(compiled, step.state, collected(step.asks[0]!.id, '42'), 2);
    expect(listensForContinue(compiled, step.state)).toBe(false);
    expect(listensForContinue(compiled, back.state)).toBe(true);
    const timer = back.asks.find((ask) => ask.ask === 'timer')!;
    const told = stepFlow(compiled, back.state, { reply: 'continue', id: 'x' }, 3);
    expect(told.asks.map((ask) => (ask.ask === 'cancel' ? ask.target : ask.ask))).toEqual([timer.id, 'hangup']);
    expect(told.state).toMatchObject({ status: 'done', outcome: 'hang-up', frames: [] });
  });
});

describe('faults', () => {
  const circle = flow('circle', {
    language: 'en',
    nodes: { a: node('log', { text: 'a' }, { next: 'b' }), b: node('log', { text: 'b' }, { next: 'a' }) },
  });

  test('a circle that waits for nothing ends the flow, not the process', () => {
    const step = startFlow(compileClosure(closureOf(circle)), DEFAULT_START);
    expect(step.state).toMatchObject({ status: 'failed', outcome: 'FLW_ENDLESS', frames: [] });
    expect(step.trace.at(-1)).toMatchObject({ type: 'log', level: 'error' });
  });

  test('flows that call each other without end are cut', () => {
    const loop = flow('loop', {
      language: 'en',
      nodes: { call: node('sub-flow', { flow: 'loop' }, { done: 'end' }), end: node('return', {}) },
    });
    const { closure, hash } = buildRevision(loop, NO_CATALOGUE);
    const pinned = { ...closure.documents[hash]!, subflows: { loop: hash } };
    const step = startFlow(
      compileClosure({ root: 'loop', documents: { loop: { ...pinned, subflows: { loop: 'loop' } } } }),
      DEFAULT_START,
    );
    expect(step.state).toMatchObject({ status: 'failed', outcome: 'FLW_TOO_DEEP' });
  });

  test('what was never published does not compile, with a code', () => {
    const bad = {
      ...main,
      nodes: main.nodes.map((each) => (each.id === 'end' ? { ...each, kind: 'teleport' } : each)),
    };
    expect(() => compileClosure(closureOf(bad, [identify]))).toThrow(
      expect.objectContaining({ code: 'FLW_UNKNOWN_KIND' }),
    );
    expect(() => compileClosure({ root: 'x', documents: {} })).toThrow(
      expect.objectContaining({ code: 'FLW_UNKNOWN_REVISION' }),
    );
  });
});

describe('overrides', () => {
  const menu = flow('menu', {
    language: 'en',
    nodes: {
      ask: node(
        'menu',
        { prompts: [say('Old.')], choices: [{ key: '1', outcome: 'again' }] },
        { again: 'ask', 'no-input': 'end', 'no-match': 'end' },
      ),
      end: node('hang-up', {}),
    },
  });
  const flowOf = compileClosure(closureOf(menu));
  const config = { prompts: [{ parts: [{ type: 'text', text: 'New.' }] }], choices: [{ key: '9', outcome: 'again' }] };

  test('hold from the next visit on', () => {
    const started = startFlow(flowOf, DEFAULT_START);
    const result = overrideNode(flowOf, started.state, 'ask', config);
    expect(result.ok).toBe(true);
    const state = (result as { state: FlowState }).state;
    const again = stepFlow(flowOf, state, collected(started.asks[0]!.id, '9'), 2);
    expect(again.asks[0]).toMatchObject({ ask: 'collect', spec: { accept: ['9'] } });
  });

  test.each([
    ['nobody', config, 'unknown-node'],
    ['ask', { prompts: [] }, 'bad-config'],
    ['ask', { ...config, choices: [{ key: '1', outcome: 'other' }] }, 'outcomes-differ'],
    ['constructor', config, 'unknown-node'],
  ])('%s is refused when it cannot be', (id, given, code) => {
    const { state } = startFlow(flowOf, DEFAULT_START);
    expect(overrideNode(flowOf, state, id, given as never)).toEqual({ ok: false, code });
  });
});

/** Drive a flow by random answers. */
function drive(choices: readonly number[], copy: boolean): string[] {
  const seen: string[] = [];
  const through = <T>(value: T): T => (copy ? (JSON.parse(JSON.stringify(value)) as T) : value);
  let step = startFlow(compiled, DEFAULT_START);
  let pending: Ask[] = openAfter([], step, null);
  for (const [index, choice] of choices.entries()) {
    seen.push(JSON.stringify(step));
    if (step.state.status !== 'active') break;
    const at = DEFAULT_START.at + index * 1000;
    const replies: Reply[] = pending.flatMap((ask) => repliesTo(ask, at, { entries: [], bodies: [] }));
    replies.push({ reply: 'continue', id: 'c' }, { reply: 'timer', id: `flow/1/${choice % 7}` });
    const reply = replies[choice % replies.length]!;
    const next = stepFlow(compiled, through(step.state), through(reply), at);
    const open = next.state.frames.flatMap((frame) => Object.keys(frame.context.open));
    pending = [...pending, ...next.asks].filter((ask) => open.includes(ask.id));
    step = next;
  }
  return seen;
}

test('a JSON round trip after every step changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 25 }), (choices) => {
      expect(drive(choices, true)).toEqual(drive(choices, false));
    }),
    { numRuns: 300 },
  );
});

test('every ask is answered, withdrawn or forgotten by design before its node is left', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 25 }), (choices) => {
      for (const text of drive(choices, false)) {
        const { state } = JSON.parse(text) as { state: FlowState };
        for (const frame of state.frames.slice(0, -1)) expect(Object.values(frame.context.open)).toEqual(['flow']);
      }
    }),
    { numRuns: 100 },
  );
});
