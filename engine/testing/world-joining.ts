/** Pick-up and park slots in the fake world: who rings, who waits where. */
import type { IoResult, Lookup } from '../src/protocol/index.ts';
import type { World } from './world.ts';

type Joining = Extract<Lookup, { what: 'ringing' | 'supervised' | 'park' | 'unpark' }>;
type Outside = Pick<World, 'options' | 'calls' | 'telephony'>;

const NOT_FOUND: IoResult = { status: 'not-found' };
const refused = (code: string): IoResult => ({
  status: 'refused',
  code,
  check: 'joining',
  by: 'company',
  cause: 'busy',
});

export const isJoining = (lookup: Lookup): lookup is Joining =>
  lookup.what === 'ringing' || lookup.what === 'supervised' || lookup.what === 'park' || lookup.what === 'unpark';

/** The slots of a world, each with the call that waits there. */
export function createSlots() {
  const taken = new Map<string, string>();
  const alive = (world: Outside, slot: string): string | null => {
    const callId = taken.get(slot);
    return callId && world.calls.get(callId)?.state.status === 'active' ? callId : null;
  };
  const ringing = (world: Outside, { user, by }: Extract<Joining, { what: 'ringing' }>): IoResult => {
    const who = world.options.users?.[by ?? ''];
    if (!who || who.pickUp === false) return refused('no-right');
    const legs = [...world.telephony.legs.values()].filter(
      (leg) => leg.direction === 'outbound' && leg.state === 'ringing' && leg.userId !== null && leg.userId !== by,
    );
    const named = (id: string): boolean => id === user || world.options.users?.[id]?.extension === user;
    const groups = Object.values(world.options.groups ?? {}).filter((group) => group.members.includes(by ?? ''));
    const wanted = (id: string): boolean => (user === null ? groups.some((g) => g.members.includes(id)) : named(id));
    const leg = legs.find((one) => wanted(one.userId!));
    return leg ? { status: 'ringing', callId: leg.owner, leg: leg.id } : NOT_FOUND;
  };
  const supervised = (world: Outside, { user, by }: Extract<Joining, { what: 'supervised' }>): IoResult => {
    if (world.options.users?.[by ?? '']?.supervisor !== true) return refused('no-right');
    const named = (id: string | null): boolean => id === user || world.options.users?.[id ?? '']?.extension === user;
    const leg = [...world.telephony.legs.values()].find((one) => one.state === 'answered' && named(one.userId));
    return leg ? { status: 'supervised', callId: leg.owner, leg: leg.id } : NOT_FOUND;
  };
  const park = (world: Outside, callId: string, ask: Extract<Joining, { what: 'park' }>): IoResult => {
    const slots = world.options.slots ?? {};
    const names = Object.keys(slots).filter((name) => ask.slot === null || ask.slot === name);
    if (ask.wish === 'retrieve') {
      const slot = names.find((name) => alive(world, name) !== null);
      return slot ? { status: 'occupied', callId: alive(world, slot)!, slot } : NOT_FOUND;
    }
    if (names.length === 0) return NOT_FOUND;
    const slot = names.find((name) => alive(world, name) === callId) ?? names.find((name) => !alive(world, name));
    if (!slot) return refused('slot-taken');
    taken.set(slot, callId);
    const coordinates = { type: 'park-slot', id: slot, entityNumber: null, number: slot, name: '' };
    return { status: 'slot', slot, number: slot, returnMs: slots[slot]!.returnMs, coordinates };
  };
  return {
    taken: taken as ReadonlyMap<string, string>,
    answer: (world: Outside, callId: string, lookup: Joining): IoResult => {
      if (lookup.what === 'ringing') return ringing(world, lookup);
      if (lookup.what === 'supervised') return supervised(world, lookup);
      if (lookup.what === 'park') return park(world, callId, lookup);
      if (taken.get(lookup.slot) === callId) taken.delete(lookup.slot);
      return NOT_FOUND;
    },
  };
}
