/** What routing and admission mean for a running call: refusals of look-ups, entities served by flows, prompts before the answer. */
import { describe, expect, it } from 'vitest';
import { TestCall } from '../../testing/test-call.ts';
import { flow, node } from '../flow/author.ts';

const users = { alice: { extension: '101' } };

/** Dials an outside number and says what came of it. */
const outside = flow('outside', {
  title: 'Outside',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'dial' }),
    dial: node(
      'dial',
      { to: { type: 'number', number: '0612345678' } },
      { completed: 'end', busy: 'busy', 'no-answer': 'end', rejected: 'end', unavailable: 'end', failed: 'tell' },
    ),
    tell: node(
      'play',
      { prompts: [{ parts: [{ type: 'text', text: 'not allowed' }] }], early: true },
      { next: 'forbidden' },
    ),
    busy: node('hang-up', { cause: 'busy' }),
    forbidden: node('hang-up', { cause: 'forbidden' }),
    end: node('hang-up', {}),
  },
});

const refusal = { code: 'ADM_RESTRICTED', check: 'restrictions', by: 'company' } as const;

describe('a call that admission refuses', () => {
  it('takes the outcome, tells the fact, and hears why before any answer', () => {
    const call = TestCall.start(outside, { users, refused: { '0612345678': { ...refusal, cause: 'forbidden' } } });
    call.hears('not allowed');
    const cdr = call.ends();
    expect(cdr).toMatchObject({ disposition: 'rejected', answeredAt: null });
    expect(call.path).toEqual(expect.arrayContaining(['dial=failed', 'tell=next']));
    const kinds = call.call.commands.map((one) => one.kind);
    expect(kinds).toContain('leg.ring');
    expect(kinds).not.toContain('leg.answer');
    const fact = call.call.records.find(({ type }) => type === 'call.refused');
    expect(fact?.body).toMatchObject({ ...refusal, number: '0612345678' });
  });

  it('is busy when all lines are in use', () => {
    const call = TestCall.start(outside, { users, refused: { '0612345678': { ...refusal, cause: 'busy' } } });
    expect(call.ends()).toMatchObject({ disposition: 'busy' });
    expect(call.path).toContain('dial=busy');
  });
});
