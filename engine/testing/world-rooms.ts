/** Meeting rooms in the fake world: who has a seat in which, as io keeps it. */
import type { IoResult, Lookup } from '../src/protocol/index.ts';
import type { World } from './world.ts';

type Seating = Extract<Lookup, { what: 'room-enter' | 'room-leave' | 'room-act' }>;
type Outside = Pick<World, 'options' | 'calls'>;

interface Seat {
  readonly instance: string;
  readonly moderator: boolean;
}

const NOT_FOUND: IoResult = { status: 'not-found' };
const refused = (code: string): IoResult => ({
  status: 'refused',
  code,
  check: 'room',
  by: 'company',
  cause: 'forbidden',
});

export const isSeating = (lookup: Lookup): lookup is Seating =>
  lookup.what === 'room-enter' || lookup.what === 'room-leave' || lookup.what === 'room-act';

/** The seats of a world's rooms. */
export function createSeats() {
  const rooms = new Map<string, Map<string, Seat>>();
  const locked = new Set<string>();
  const others = (world: Outside, room: string, callId: string): [string, Seat][] =>
    [...(rooms.get(room) ?? [])].filter(([id]) => id !== callId && world.calls.get(id)?.state.status === 'active');

  const enter = (world: Outside, callId: string, ask: Extract<Seating, { what: 'room-enter' }>): IoResult => {
    const settings = world.options.rooms?.[ask.room];
    if (!settings) return NOT_FOUND;
    const there = others(world, ask.room, callId);
    if (there.length >= (settings.maxMembers ?? 20)) return refused('full');
    if (there.some(([, seat]) => seat.instance !== ask.instance)) return refused('other-instance');
    if (locked.has(ask.room) && !ask.moderator) return refused('locked');
    const seats = rooms.get(ask.room) ?? new Map<string, Seat>();
    rooms.set(ask.room, seats.set(callId, { instance: ask.instance, moderator: ask.moderator }));
    const led = ask.moderator || there.some(([, seat]) => seat.moderator);
    return {
      status: 'room-entered',
      room: ask.room,
      waits: settings.waitForModerator === true && !led,
      opens: ask.moderator && settings.waitForModerator ? there.map(([id]) => id) : [],
      announce: settings.announce === true,
      name: null,
      record: settings.record === true,
    };
  };
  const act = (
    world: Outside,
    callId: string,
    { room, act: what }: Extract<Seating, { what: 'room-act' }>,
  ): IoResult => {
    if (what === 'lock' && !locked.delete(room)) locked.add(room);
    const plain = others(world, room, callId).filter(([, seat]) => !seat.moderator);
    const calls = what === 'lock' ? [] : what === 'last' ? plain.slice(-1) : plain;
    return { status: 'room-acted', locked: locked.has(room), calls: calls.map(([id]) => id) };
  };
  return {
    /** Calls in a room, ended ones among them. */
    of: (room: string): readonly string[] => [...(rooms.get(room)?.keys() ?? [])],
    answer: (world: Outside, callId: string, lookup: Seating): IoResult => {
      if (lookup.what === 'room-enter') return enter(world, callId, lookup);
      if (lookup.what === 'room-act') return act(world, callId, lookup);
      rooms.get(lookup.room)?.delete(callId);
      return NOT_FOUND;
    },
  };
}
