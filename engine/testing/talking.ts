/** What tests of talks share: the legs of those who talk, keys that they press, and that nothing is left over in the end. */
import type { TestCall } from './test-call.ts';
import type { World } from './world.ts';
import type { WorldLeg } from './world-telephony.ts';

/** The live leg of a user. */
export const ofUser = (world: World, user: string): WorldLeg => world.telephony.legOfUser(user)!;

/** The leg of whoever called. */
export const callerOf = (call: TestCall): WorldLeg => call.world.telephony.legs.get(`${call.callId}/leg/0`)!;

/** A user presses the company's key for a feature, e.g. `attended`. */
export function keys(call: TestCall, user: string, name: string): TestCall {
  call.world.telephony.say(ofUser(call.world, user), { type: 'feature', name });
  return call.waits(100);
}

/** A user dials a number and `#`. */
export function dials(call: TestCall, user: string, number: string): TestCall {
  for (const digit of `${number}#`) call.world.telephony.press(ofUser(call.world, user), digit);
  return call.waits(50);
}

/** The code with which each command was answered. */
export const answersOf = (call: TestCall) =>
  call.facts.flatMap((one) => (one.type === 'control.done' ? [one.code] : []));

/** After a while no leg is there and nobody is busy. Throws with what is left over. */
export function settled(world: World, afterMs = 40_000): void {
  world.pass(afterMs);
  const legs = [...world.telephony.legs.values()].filter((leg) => !leg.released).map((leg) => leg.id);
  const { users = {}, requests = [] } = world.pool() ?? {};
  if (legs.length + Object.keys(users).length + requests.length > 0) {
    throw new Error(`left over: ${JSON.stringify({ legs, users, requests })}`);
  }
}
