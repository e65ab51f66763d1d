/** Random flows, called by real phones and simulated with the same keys: both must take the same way. */
import type { FlowDocument, JsonValue, RevisionClosure } from '@callwright/engine';
import { TestCall } from '@callwright/engine/testing';
import fc from 'fast-check';
import type { Phone } from '../phone/phone.ts';
import { type World, wayIn } from './world.ts';

export interface RandomCall {
  readonly document: FlowDocument;
  readonly keys: string;
}

/** A way that differs. */
export interface Difference {
  readonly flow: string;
  readonly keys: string;
  readonly overSip: readonly string[];
  readonly simulated: readonly string[];
}

interface Drawn {
  readonly kind: string;
  readonly config: { readonly [key: string]: JsonValue };
  readonly outcomes: readonly string[];
}

const prompts = [{ parts: [{ type: 'silence', ms: 80 }] }];
/** Long enough for keys of a machine that is busy, short enough for calls that press none. */
const patience = { firstDigitTimeoutMs: 1500, interDigitTimeoutMs: 1500 };

const menu: fc.Arbitrary<Drawn> = fc
  .record({
    keys: fc.uniqueArray(fc.constantFrom(...'123456789*0#'), { minLength: 1, maxLength: 4 }),
    tries: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ keys, tries }) => ({
    kind: 'menu',
    config: { prompts, ...patience, tries, choices: keys.map((key, index) => ({ key, outcome: `way-${index}` })) },
    outcomes: [...keys.map((_, index) => `way-${index}`), 'no-input', 'no-match'],
  }));
const collect: fc.Arbitrary<Drawn> = fc
  .record({ maxDigits: fc.integer({ min: 1, max: 3 }), terminators: fc.constantFrom('#', '') })
  .map(({ maxDigits, terminators }) => ({
    kind: 'collect',
    config: { prompts, ...patience, tries: 1, variable: 'word', maxDigits, terminators },
    outcomes: ['collected', 'no-input', 'no-match'],
  }));
const fixed: readonly Drawn[] = [
  { kind: 'play', config: { prompts }, outcomes: ['next'] },
  { kind: 'set', config: { assignments: [{ variable: 'turns', value: 'turns + size(word)' }] }, outcomes: ['next'] },
  {
    kind: 'branch',
    config: {
      branches: [
        { when: 'turns > 1', outcome: 'more' },
        { when: 'word.startsWith("1")', outcome: 'one' },
      ],
    },
    outcomes: ['more', 'one', 'otherwise'],
  },
  {
    kind: 'split',
    config: {
      shares: [
        { percent: 50, outcome: 'a' },
        { percent: 50, outcome: 'b' },
      ],
    },
    outcomes: ['a', 'b'],
  },
  { kind: 'wait', config: { forMs: 200 }, outcomes: ['elapsed', 'continue'] },
  { kind: 'log', config: { text: 'at ${turns}' }, outcomes: ['next'] },
];

const node: fc.Arbitrary<Drawn> = fc.oneof(
  { arbitrary: menu, weight: 4 },
  { arbitrary: collect, weight: 2 },
  { arbitrary: fc.constantFrom(...fixed), weight: 4 },
);

/** Flows whose wires lead forward only, hence to an end. */
const calls: fc.Arbitrary<Omit<RandomCall, 'document'> & { nodes: Drawn[]; picks: number[] }> = fc.record({
  nodes: fc.array(node, { minLength: 4, maxLength: 8 }),
  picks: fc.array(fc.nat(1000), { minLength: 48, maxLength: 48 }),
  keys: fc.string({ unit: fc.constantFrom(...'123456789*0#'), maxLength: 6 }),
});

function documentOf(name: string, drawn: readonly Drawn[], picks: readonly number[]): FlowDocument {
  const id = (index: number) => (index === drawn.length ? 'end' : `node-${index}`);
  const nodes = drawn.map(({ kind, config }, index) => ({
    id: id(index),
    number: index + 1,
    kind,
    version: 1,
    label: '',
    config,
  }));
  let pick = 0;
  const edges = drawn.flatMap(({ outcomes }, from) =>
    outcomes.map((outcome) => {
      const left = drawn.length - from;
      const to = from + 1 + (picks[pick++ % picks.length]! % left);
      return { from: id(from), outcome, to: id(to) };
    }),
  );
  const plain = (number: number, kind: string, config: Drawn['config'], at: string) => ({
    id: at,
    number,
    kind,
    version: 1,
    label: '',
    config,
  });
  return {
    format: 1,
    name,
    title: '',
    language: 'en',
    entry: 'start',
    variables: [
      { name: 'turns', type: 'number', initial: 0, pii: false },
      { name: 'word', type: 'string', initial: '', pii: false },
    ],
    nodes: [plain(0, 'start', { answer: true }, 'start'), ...nodes, plain(drawn.length + 1, 'hang-up', {}, 'end')],
    edges: [{ from: 'start', outcome: 'next', to: id(0) }, ...edges],
  } as FlowDocument;
}

/** The same flows and keys for the same seed; `prefix` names them. */
export function randomCalls(seed: number, count: number, prefix: string): RandomCall[] {
  return fc
    .sample(calls, { seed, numRuns: count })
    .map(({ nodes, picks, keys }, index) => ({ document: documentOf(`${prefix}-${index}`, nodes, picks), keys }));
}

interface Published {
  readonly closure: RevisionClosure;
  readonly dialled: string;
}

/** Publishes a flow and leads a number to it. */
async function publish(world: World, document: FlowDocument, dialled: string): Promise<Published> {
  const { id } = await world.must<{ id: string }>('POST', '/flows', { file: { document } });
  await world.must('POST', `/flows/${id}/publish`, {});
  await world.must('POST', '/numbers', { dialled, kind: 'service', public: true, destination: { type: 'flow', id } });
  const { closure } = await world.must<{ closure: RevisionClosure }>('GET', `/flows/${id}/revisions/1`);
  return { closure, dialled };
}

async function inTurns<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!, index);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

/** Our ids of calls that are over, by the SIP Call-ID of their caller. */
async function endedCalls(world: World): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  let cursor: string | null = '';
  while (cursor !== null) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: { id: string; cdr: { legs: { sipCallId: string | null }[] } | null }[]; next: string | null } =
      await world.must('GET', `/calls?state=ended&limit=100${more}`);
    for (const { id, cdr } of page.items)
      for (const { sipCallId } of cdr?.legs ?? []) if (sipCallId) ids.set(sipCallId, id);
    cursor = page.next;
  }
  return ids;
}

/** Calls every flow, `atOnce` at a time, then simulates it with what the real call began with; the ways that differ. */
export async function compareOverSip(
  world: World,
  phone: Phone,
  random: readonly RandomCall[],
  atOnce: number,
): Promise<readonly Difference[]> {
  const first = 20_000_000 + Math.floor(Math.random() * 70_000_000);
  const sipIds = await inTurns(random, atOnce, async ({ document, keys }, index) => {
    const published = await publish(world, document, String(first + index));
    const call = await (await phone.call(published.dialled)).until('answered', 30_000);
    const over = call.until('ended', 90_000);
    // the flow may end before the last key
    if (keys !== '') await Promise.race([call.press(keys), over]);
    await over;
    return { sipId: call.callId, published };
  });
  await world.idle(30_000);
  const ids = await endedCalls(world);
  const differences: Difference[] = [];
  for (const [index, { document, keys }] of random.entries()) {
    const { sipId, published } = sipIds[index]!;
    const records = await world.records(ids.get(sipId) ?? '');
    const overSip = wayIn(records);
    const start = records.find(({ type }) => type === 'call.start')?.body as { seed?: number } | undefined;
    const simulated = TestCall.start(published.closure, { seed: start?.seed ?? 0 }).waits(100);
    if (keys !== '') simulated.presses(keys);
    simulated.ends();
    if (overSip.join() !== simulated.path.join())
      differences.push({ flow: document.name, keys, overSip, simulated: simulated.path });
  }
  return differences;
}
