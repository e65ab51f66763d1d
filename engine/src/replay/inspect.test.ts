/** Looking into a running call through its records alone. */
import { describe, expect, it } from 'vitest';
import { desk } from '../../testing/flows.ts';
import { TestCall } from '../../testing/test-call.ts';
import { flow, node, say } from '../flow/author.ts';
import { buildRevision, NO_CATALOGUE } from '../flow/publish.ts';
import type { CallRecord } from '../protocol/index.ts';
import { inspectCall, revisionsOf } from './inspect.ts';

const account = flow('account', {
  title: 'Account',
  language: 'en',
  variables: {
    customer: { type: 'string', initial: '' },
    greeting: { type: 'string', initial: 'hello' },
    tries: { type: 'number', initial: 2 },
    name: { type: 'string', initial: 'Ada Lovelace', pii: true },
    letter: { type: 'string', initial: 'Dear Ada Lovelace' },
  },
  nodes: {
    start: node('start', {}, { next: 'ask' }),
    ask: node(
      'collect',
      { prompts: [say({ en: 'number' })], variable: 'customer', maxDigits: 4 },
      { collected: 'note', 'no-input': 'end', 'no-match': 'end' },
    ),
    note: node('set', { assignments: [{ variable: 'greeting', value: '"customer " + customer' }] }, { next: 'wait' }),
    wait: node('wait', {}, { continue: 'end' }),
    end: node('hang-up', {}),
  },
});

const users = { alice: { extension: '101' } };
const closureOf = (document: typeof desk) => buildRevision(document, NO_CATALOGUE).closure;
const look = (call: TestCall, document: typeof desk, records: readonly CallRecord[] = call.call.records) => {
  const closure = closureOf(document);
  return inspectCall(records, { [closure.root]: closure });
};

describe('looking into a call', () => {
  it('tells where it is, how the node can be left, and who takes part', () => {
    const call = TestCall.start(desk, { users }).hears('welcome');
    expect(revisionsOf(call.call.records)).toEqual([closureOf(desk).root]);
    expect(look(call, desk)).toMatchObject({
      life: 'serving',
      flow: { node: 'menu', waits: false, outcomes: ['alice', 'sales', 'wait', 'number', 'no-input', 'no-match'] },
    });
    const [caller] = look(call, desk)?.parties ?? [];
    expect(caller).toMatchObject({ role: 'calling', leg: { life: 'answered', direction: 'inbound', holds: false } });
    call.presses('1').userAnswers('alice').talksTo('alice');
    expect(look(call, desk)?.parties.at(-1)).toMatchObject({ role: 'connected', coordinates: { id: 'alice' } });
    call.hangsUp().ends();
    expect(look(call, desk)).toMatchObject({ life: 'ended', flow: null });
  });

  it('masks personal variables, what was keyed in, and texts that hold either', () => {
    const call = TestCall.start(account).hears('number').presses('4711').waits(200);
    const seen = look(call, account)?.flow;
    expect(seen).toMatchObject({ node: 'wait', waits: true });
    const shown = Object.fromEntries(
      (seen?.variables ?? []).map(({ name, value, masked }) => [name, masked ? '***' : value]),
    );
    expect(shown).toEqual({ customer: '***', greeting: '***', tries: 2, name: '***', letter: '***' });
    expect(JSON.stringify(seen)).not.toContain('4711');
    expect(JSON.stringify(seen)).not.toContain('Ada');
    call.hangsUp();
  });

  it('goes as far as records are stored, and tells nothing of records it does not understand', () => {
    const call = TestCall.start(desk, { users }).hears('welcome').presses('3').waits(100);
    const { records } = call.call;
    const menu = records.findIndex(
      ({ type, body }) => type === 'node.left' && (body as { node: string }).node === 'menu',
    );
    const event = records.findLastIndex(({ stream }, index) => stream === 'event' && index < menu);
    const early = records.filter((_, index) => index !== event);
    expect(look(call, desk, early)?.flow?.node).toBe('menu');
    const changed = records.map((one, index) => (index === menu ? { ...one, type: 'party.left' } : one));
    expect(look(call, desk, changed)).toBe(null);
    expect(look(call, account)).toBe(null);
    expect(look(call, desk, [])).toBe(null);
    call.hangsUp();
  });
});
