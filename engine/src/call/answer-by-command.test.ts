/** A phone that rings is told by command to take the call by itself: it is called anew, in the place of its ring. */
import { expect, it } from 'vitest';
import { direct } from '../../testing/flows.ts';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';

const ringing = (options: TestCallOptions = {}) =>
  TestCall.start(direct, {
    called: { type: 'user', id: 'alice', number: '101' },
    users: { alice: { extension: '101' }, bob: { extension: '102' } },
    ...options,
  }).reaches('alice');
const dials = (call: TestCall) => call.call.commands.flatMap((one) => (one.kind === 'leg.dial' ? [one] : []));
const codes = (call: TestCall) =>
  call.facts.flatMap((one) => (one.type === 'control.done' && one.action === 'answer' ? [one.code] : []));
const left = (call: TestCall) => call.facts.flatMap((one) => (one.type === 'party.left' ? [one.cause] : []));

it('calls the phone anew to answer by itself, and lets the first ring go without missing anything', () => {
  const call = ringing();
  const first = call.world.telephony.legOfUser('alice')!.id;
  call.controls({ kind: 'answer', leg: first });
  expect(dials(call)).toMatchObject([
    { target: { userId: 'alice' }, autoAnswer: false },
    { target: { userId: 'alice' }, autoAnswer: true },
  ]);
  call.waits(200);
  expect(left(call)).toEqual(['answered-elsewhere']);
  call.userAnswers('alice').talksTo('alice').waits(1000).hangsUp();
  expect(call.ends()).toMatchObject({ disposition: 'answered', connected: { id: 'alice' } });
  expect(codes(call)).toEqual(['done']);
});

it('is refused for a leg that talks, has gone or is the caller’s', () => {
  const call = ringing();
  const { telephony } = call.world;
  const answer = (leg: string) => call.controls({ kind: 'answer', leg });
  answer('nobody');
  answer('0');
  const first = telephony.legOfUser('alice')!.id;
  answer(first).waits(200);
  answer(first);
  call.userAnswers('alice').talksTo('alice');
  answer(telephony.legOfUser('alice')!.id);
  expect(codes(call)).toEqual(['unknown-leg', 'unknown-leg', 'done', 'unknown-leg', 'not-ringing']);
  call.hangsUp().ends();
});

it('goes on ringing where the phone cannot, and ends unanswered like any ring', () => {
  const call = ringing();
  call.controls({ kind: 'answer', leg: call.world.telephony.legOfUser('alice')!.id });
  call.waits(120_000);
  expect(call.ends().disposition).not.toBe('answered');
});
