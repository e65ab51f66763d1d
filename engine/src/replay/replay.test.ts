import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NODES } from '../../nodes/registry.gen.ts';
import { desk } from '../../testing/flows.ts';
import { TestCall } from '../../testing/test-call.ts';
import { flow, node, say } from '../flow/author.ts';
import type { FlowDocument, RevisionClosure } from '../flow/document.ts';
import { buildRevision, NO_CATALOGUE } from '../flow/publish.ts';
import type { CallRecord, JsonValue } from '../protocol/index.ts';
import { type Replayed, replayCall } from './index.ts';

const OPTIONS = {
  users: { alice: { extension: '101' }, bob: { extension: '200' } },
  groups: { sales: { members: ['bob'] } },
};
const pinned = (document: FlowDocument): RevisionClosure => buildRevision(document, NO_CATALOGUE).closure;
const start = (document: FlowDocument = desk) => TestCall.start(document, OPTIONS);
const replay = (call: TestCall, other: FlowDocument, ran: FlowDocument = desk): Replayed =>
  replayCall(call.call.records, pinned(ran), pinned(other));

/** The desk with something changed. */
function changed(change: (document: FlowDocument) => Partial<FlowDocument>): FlowDocument {
  return { ...desk, ...change(desk) };
}
const withConfig = (id: string, config: Record<string, JsonValue>) =>
  changed(({ nodes }) => ({
    nodes: nodes.map((one) => (one.id === id ? { ...one, config: { ...one.config, ...config } } : one)),
  }));
const rewired = (from: string, outcome: string, to: string) =>
  changed(({ edges }) => ({
    edges: edges.map((edge) => (edge.from === from && edge.outcome === outcome ? { ...edge, to } : edge)),
  }));

/** Through the menu to alice, who talks a while and hangs up. */
function toAlice() {
  const call = start().hears('welcome').presses('1').reaches('alice').userAnswers('alice').waits(5_000);
  call.userHangsUp('alice').ends();
  return call;
}

type Happening =
  | { readonly do: 'press'; readonly digits: string }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'answer' | 'leave'; readonly user: string }
  | { readonly do: 'continue' | 'hang-up' };

const step: fc.Arbitrary<Happening> = fc.oneof(
  fc.constantFrom('1', '2', '3', '4', '9').map((digits) => ({ do: 'press' as const, digits })),
  fc.integer({ min: 100, max: 20_000 }).map((ms) => ({ do: 'wait' as const, ms })),
  fc.constantFrom('alice', 'bob').map((user) => ({ do: 'answer' as const, user })),
  fc.constantFrom('alice', 'bob').map((user) => ({ do: 'leave' as const, user })),
  fc.constant({ do: 'continue' as const }),
  fc.constant({ do: 'hang-up' as const }),
);

/** A call as chance plays it, until it is over. */
function play(document: FlowDocument, script: readonly Happening[]): TestCall {
  const call = start(document).waits(100);
  const legOf = (user: string) => call.world.telephony.legOfUser(user);
  for (const one of script) {
    if (call.ended) break;
    if (one.do === 'press') call.presses(one.digits);
    else if (one.do === 'wait') call.waits(one.ms);
    else if (one.do === 'continue') call.controls({ kind: 'continue' });
    else if (one.do === 'hang-up') call.hangsUp();
    else if (one.do === 'answer') {
      if (legOf(one.user)?.state === 'ringing') call.userAnswers(one.user);
    } else if (one.do === 'leave' && legOf(one.user)?.state === 'answered') call.userHangsUp(one.user);
  }
  if (!call.ended) call.hangsUp();
  call.ends();
  return call;
}

test('against its own revision every call goes the same way, on 200 random calls', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 10 }), (script) => {
      const call = play(desk, script);
      const replayed = replay(call, desk);
      expect(replayed.verdict).toBe('same');
      expect(replayed.divergence).toBeNull();
      const path = replayed.after!.path.map(({ node: at, outcome }) => `${at}=${outcome}`);
      expect(path).toEqual(call.path);
      expect(replayed.after).toEqual(replayed.before);
    }),
    { numRuns: 200 },
  );
});

const TURN = { prompts: [{ parts: [{ type: 'text', text: 'turn ${turns}' }] }] };
const REACHED = ['completed', 'busy', 'no-answer', 'rejected', 'unavailable', 'failed'];
const KINDS: readonly { kind: string; config: Record<string, JsonValue>; outcomes: readonly string[] }[] = [
  { kind: 'play', config: TURN, outcomes: ['next'] },
  {
    kind: 'menu',
    config: { ...TURN, tries: 2, choices: ['1', '2'].map((key) => ({ key, outcome: `key-${key}` })) },
    outcomes: ['key-1', 'key-2', 'no-input', 'no-match'],
  },
  {
    kind: 'collect',
    config: { ...TURN, variable: 'word', maxDigits: 2 },
    outcomes: ['collected', 'no-input', 'no-match'],
  },
  { kind: 'set', config: { assignments: [{ variable: 'turns', value: 'turns + 1' }] }, outcomes: ['next'] },
  {
    kind: 'branch',
    config: { branches: [{ when: 'turns > 1 || word == "12"', outcome: 'yes' }] },
    outcomes: ['yes', 'otherwise'],
  },
  {
    kind: 'split',
    config: { shares: ['a', 'b'].map((outcome) => ({ percent: 50, outcome })) },
    outcomes: ['a', 'b'],
  },
  { kind: 'dial', config: { to: { type: 'user', id: 'alice' }, ringTimeoutMs: 5_000 }, outcomes: REACHED },
  { kind: 'ring-group', config: { group: 'sales' }, outcomes: REACHED },
  { kind: 'wait', config: { forMs: 3_000 }, outcomes: ['elapsed', 'continue'] },
  { kind: 'hang-up', config: { cause: 'busy' }, outcomes: [] },
];

/** Up to eight nodes, wired at random. */
const randomFlows: fc.Arbitrary<FlowDocument> = fc
  .array(fc.tuple(fc.constantFrom(...KINDS), fc.array(fc.nat(7), { minLength: 6, maxLength: 6 })), {
    minLength: 2,
    maxLength: 7,
  })
  .map((drawn) => {
    const begin = { kind: 'start', config: {}, outcomes: ['next'] };
    const all = [[begin, [1, 1, 1, 1, 1, 1]] as const, ...drawn];
    return {
      ...desk,
      name: 'random',
      entry: 'n0',
      variables: [
        { name: 'turns', type: 'number' as const, initial: 0, pii: false },
        { name: 'word', type: 'string' as const, initial: '', pii: true },
      ],
      nodes: all.map(([{ kind, config }], number) => ({
        id: `n${number}`,
        number,
        kind,
        version: NODES[kind]!.version,
        label: '',
        config,
      })),
      edges: all.flatMap(([{ outcomes }, targets], number) =>
        outcomes.map((outcome, index) => ({ from: `n${number}`, outcome, to: `n${targets[index]! % all.length}` })),
      ),
    };
  });

test('so does every call of a random flow, 200 of them', () => {
  let passed = 0;
  fc.assert(
    fc.property(randomFlows, fc.array(step, { minLength: 3, maxLength: 12 }), (document, script) => {
      const call = play(document, script);
      const replayed = replay(call, document, document);
      expect(replayed.verdict).toBe('same');
      expect(replayed.after!.path.map(({ node: at, outcome }) => `${at}=${outcome}`)).toEqual(call.path);
      passed += call.path.length;
    }),
    { numRuns: 200 },
  );
  // a test that goes nowhere shows nothing
  expect(passed).toBeGreaterThan(400);
});

test('a prompt, a label or a patience that changed makes no difference', () => {
  const call = toAlice();
  expect(replay(call, withConfig('menu', { tries: 3 })).verdict).toBe('same');
  expect(replay(call, withConfig('alice', { ringTimeoutMs: 9_000 })).verdict).toBe('same');
  expect(replay(call, withConfig('after', { prompts: [{ parts: [{ type: 'text', text: 'new' }] }] })).verdict).toBe(
    'same',
  );
});

describe('what changed is told where it first shows', () => {
  test('another person is reached', () => {
    const replayed = replay(toAlice(), withConfig('alice', { to: { type: 'user', id: 'bob' } }));
    expect(replayed.verdict).toBe('elsewhere');
    expect(replayed.before!.reached).toEqual(['user alice']);
    expect(replayed.after).toMatchObject({ reached: ['user bob'], end: { kind: 'unknown', node: 'alice' } });
  });

  test('a key leads to somebody else', () => {
    const replayed = replay(toAlice(), rewired('menu', 'alice', 'sales'));
    expect(replayed).toMatchObject({ verdict: 'elsewhere', after: { reached: ['group sales'] } });
    expect(replayed.divergence).toMatchObject({ index: 2, before: { node: 'alice' } });
  });

  test('a key that had no meaning has one now, and the other way round', () => {
    const odd = start().hears('welcome').presses('9');
    odd.ends();
    const choices = desk.nodes.find(({ id }) => id === 'menu')!.config.choices as JsonValue[];
    const nine = replay(
      odd,
      withConfig('menu', { choices: [...choices.slice(1), { key: '9', outcome: 'alice', label: '' }] }),
    );
    expect(nine).toMatchObject({ verdict: 'elsewhere', divergence: { after: { node: 'menu', outcome: 'alice' } } });
    const one = replay(
      toAlice(),
      withConfig('menu', { choices: [{ key: '8', outcome: 'alice', label: '' }, ...choices.slice(1)] }),
    );
    expect(one.divergence).toMatchObject({ after: { node: 'menu', outcome: 'no-match' } });
    expect(one.verdict).toBe('elsewhere');
  });

  test('another way to the same people', () => {
    const inserted = changed(({ nodes, edges }) => ({
      nodes: [
        ...nodes,
        {
          id: 'notice',
          number: 40,
          kind: 'play',
          version: 1,
          label: '',
          config: { prompts: [{ parts: [{ type: 'text', text: 'x' }] }] },
        },
      ],
      edges: [
        ...edges.map((edge) => (edge.from === 'menu' && edge.outcome === 'alice' ? { ...edge, to: 'notice' } : edge)),
        { from: 'notice', outcome: 'next', to: 'alice' },
      ],
    }));
    const replayed = replay(toAlice(), inserted);
    expect(replayed.verdict).toBe('other-way');
    expect(replayed.divergence).toMatchObject({ index: 2, after: { node: 'notice' } });
    expect(replayed.after!.end.kind).toBe('ended');
  });

  test('a renamed node keeps its answers', () => {
    const renamed = changed(({ nodes, edges }) => ({
      nodes: nodes.map((one) => (one.id === 'menu' ? { ...one, id: 'choice' } : one)),
      edges: edges.map(({ from, outcome, to }) => ({
        from: from === 'menu' ? 'choice' : from,
        outcome,
        to: to === 'menu' ? 'choice' : to,
      })),
    }));
    expect(replay(toAlice(), renamed)).toMatchObject({ verdict: 'other-way', after: { reached: ['user alice'] } });
  });

  test('a question that nobody was asked then stops the replay', () => {
    const asking = flow('asking', {
      language: 'en',
      nodes: {
        start: node('start', {}, { next: 'code' }),
        code: node(
          'collect',
          { prompts: [say('code')], variable: 'code', maxDigits: 4 },
          { collected: 'end', 'no-input': 'end', 'no-match': 'end' },
        ),
        end: node('hang-up', {}),
      },
    });
    expect(replay(toAlice(), asking)).toMatchObject({
      verdict: 'unknown',
      after: { end: { kind: 'unknown', node: 'code' } },
    });
  });

  test('a circle without a question ends', () => {
    expect(replay(toAlice(), rewired('after', 'next', 'after')).after!.end.kind).toBe('unknown');
  });
});

test('records that do not tell the call are unreadable, and never throw', () => {
  const { records } = toAlice().call;
  const other = pinned(withConfig('menu', { tries: 2 }));
  const verdict = (list: readonly CallRecord[], ran = pinned(desk)) => replayCall(list, ran, pinned(desk)).verdict;
  expect(verdict([])).toBe('unreadable');
  expect(verdict(records, other)).toBe('unreadable');
  expect(verdict(records.slice(1))).toBe('unreadable');
  expect(verdict(records.map((one) => ({ ...one, body: null })))).toBe('unreadable');
  const forged = records.map((one) =>
    one.type === 'node.left' ? { ...one, body: { ...(one.body as object), outcome: 'other' } } : one,
  );
  expect(verdict(forged)).toBe('unreadable');
});
