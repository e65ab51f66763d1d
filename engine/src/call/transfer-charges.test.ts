/** Who pays for the part of a call that a transfer sends to the outside. */
import { expect, it } from 'vitest';
import { ringOnce as direct } from '../../testing/flows.ts';
import { TestCall } from '../../testing/test-call.ts';

const MOBILE = '0612345678';

it.each([
  ['outside', MOBILE, { id: 'alice' }],
  ['to a colleague', '103', undefined],
])('a call that a user transfers %s', (_, target, charged) => {
  const call = TestCall.start(direct, {
    users: { alice: { extension: '101' }, carol: { extension: '103' } },
    called: { type: 'user', id: 'alice', number: '101' },
    limits: { [MOBILE]: { account: 'alice', leftMs: 600_000, mostMs: null } },
    numbers: { [MOBILE]: { type: 'number', id: MOBILE } },
  });
  call.userAnswers('alice').talksTo('alice');
  const leg = call.world.telephony.legOfUser('alice')!;
  call.world.telephony.say(leg, { type: 'refer', target, replacesCall: null, replacesLeg: null });
  call.waits(500);
  const third = [...call.world.telephony.legs.values()].findLast(
    (one) => one.state !== 'ended' && one.target !== null,
  )!;
  call.world.telephony.answer(third);
  call.waits(500);
  const cdr = call.hangsUp().ends();
  const last = cdr.legs.at(-1)!;
  expect(last.coordinates.number).toBe(target);
  if (charged) expect(last.charged).toMatchObject(charged);
  else expect(last.charged).toBeUndefined();
});
