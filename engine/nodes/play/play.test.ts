import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import play from './play.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(play)).toEqual([]);
});

const prompts = [{ parts: [{ type: 'text', text: { en: 'Hello ${caller.name}.', fr: 'Bonjour.' } }] }];

test('fills in templates and speaks the language of the call', () => {
  const caller = { type: 'user', id: 'u', entityNumber: 1, number: '100', name: 'Ada' };
  const english = startNode('play', { prompts }, { caller });
  expect(english.asked.prompts).toEqual([
    { items: [{ type: 'text', text: 'Hello Ada.', language: 'en' }], bargeIn: true },
  ]);
  const french = startNode(
    'play',
    { prompts },
    { locale: { language: 'fr-CA', timeZone: 'UTC', country: 'CA', currency: 'CAD' } },
  );
  expect(french.asked.prompts).toEqual([
    { items: [{ type: 'text', text: 'Bonjour.', language: 'fr' }], bargeIn: true },
  ]);
});

test('a prompt that cannot be played is logged and does not hold the caller up', () => {
  const done = startNode('play', { prompts }).answer({
    reply: 'media',
    result: { status: 'failed', code: 'not-found', message: '' },
  });
  expect(done.outcome).toBe('next');
  expect(done.trace).toContainEqual(expect.objectContaining({ type: 'log', level: 'error' }));
});

test('an interrupted prompt waits for the hang-up that follows', () => {
  const cut = startNode('play', { prompts }).answer({ reply: 'media', result: { status: 'interrupted' } });
  expect(cut.state.status).toBe('active');
  expect(cut.asks).toEqual([]);
});

test('text that comes out empty is silence, never an empty prompt', () => {
  const run = startNode('play', { prompts: [{ parts: [{ type: 'text', text: '${entry}' }] }] });
  expect(run.asked.prompts).toEqual([{ items: [{ type: 'silence', ms: 10 }], bargeIn: true }]);
});
