/** `media.bridge` and `media.unbridge`: two legs hear each other, or do not. One of them may be on another instance. */
import { TelephonyError } from '../errors.ts';
import type { Leg } from '../legs/leg.ts';
import { DONE, type Handler, INTERRUPTED } from './context.ts';
import { alignLegs, speakOwn } from './pass-through.ts';

/** Joins two answered legs. Both channels have a far end by then (wire-protocols B6: else the media server drops them). */
export const bridge: Handler<'media.bridge'> = async (operation) => {
  const { context, leg, command, started } = operation;
  const other = context.legs.get(command.other);
  if (!other) return bridgeFar(operation);
  if (other.companyId !== leg.companyId || other.callId !== leg.callId || other.state === 'ended') return INTERRUPTED;
  if (leg.state !== 'answered' || other.state !== 'answered') throw new TelephonyError('TEL_NOT_ANSWERED');
  const [a, b] = await Promise.all([leg.media, other.media]);
  if (!a || !b) return INTERRUPTED;
  if (!(await alignLegs(leg, other))) {
    if (isOver(leg) || isOver(other)) return INTERRUPTED;
    throw new TelephonyError('TEL_FORMATS');
  }
  await Promise.all([context.links.part(leg), context.links.part(other)]);
  // keys are the other party's from now on
  for (const side of [leg, other]) side.digits.clear();
  leg.bridged = other.id;
  other.bridged = leg.id;
  try {
    await Promise.all([a.player.silence(), b.player.silence()]);
    await a.endpoint.bridge(b.endpoint.uuid);
  } catch (error) {
    part(leg, other);
    if (isOver(leg) || isOver(other)) return INTERRUPTED;
    throw error;
  }
  started();
  return DONE;
};

/** The other leg is another instance's. */
const bridgeFar: Handler<'media.bridge'> = async ({ context, leg, command, started }) => {
  if (leg.state !== 'answered') throw new TelephonyError('TEL_NOT_ANSWERED');
  await speakOwn(leg);
  // a leg that is nowhere has ended, and says so itself
  if (!(await context.links.join(leg, command.other)) || isOver(leg)) return INTERRUPTED;
  started();
  return DONE;
};

/** Parts two joined legs; the survivor of a hang-up is parted already. */
export const unbridge: Handler<'media.unbridge'> = async ({ context, leg, command, started }) => {
  const other = context.legs.get(command.other);
  const media = await leg.media;
  const joined = leg.bridged === command.other;
  if (other) part(leg, other);
  else if (joined) {
    await context.links.part(leg);
    leg.bridged = null;
  }
  if (!media) return INTERRUPTED;
  if (joined && other && !isOver(other)) await media.endpoint.unbridge();
  started();
  return DONE;
};

const isOver = (leg: Leg): boolean => leg.state === 'ended';

function part(leg: Leg, other: Leg): void {
  if (leg.bridged === other.id) leg.bridged = null;
  if (other.bridged === leg.id) other.bridged = null;
  for (const side of [leg, other]) side.digits.clear();
}
