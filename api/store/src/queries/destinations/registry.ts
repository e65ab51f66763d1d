/**
 * The registry of destinations: what can be dialled, redirected to or named by a rule, by type. A new type is one file beside this one
 * and one line here; nothing else knows the types (docs/guides/destinations.md).
 */
import type { Destination, IoResult } from '@callwright/engine';
import type { CompanyScope, Db } from '../scope.ts';
import { agent } from './agent.ts';
import { announcement } from './announcement.ts';
import { type Asking, type DestinationType, NOT_FOUND } from './destination-type.ts';
import { draft } from './draft.ts';
import { flow } from './flow.ts';
import { hangUp } from './hang-up.ts';
import { intercom } from './intercom.ts';
import { meetingRoom } from './meeting-room.ts';
import { number } from './number.ts';
import { outside } from './outside.ts';
import { parkSlot } from './park-slot.ts';
import { peer } from './peer.ts';
import { pickUp } from './pick-up.ts';
import { queue } from './queue.ts';
import { ringGroup } from './ring-group.ts';
import { sip } from './sip.ts';
import { supervise } from './supervise.ts';
import { user } from './user.ts';
import { mailbox, voicemail } from './voicemail.ts';

const TYPES: () => readonly DestinationType[] = () => [
  user,
  ringGroup,
  queue,
  agent,
  flow,
  number,
  outside,
  sip,
  peer,
  announcement,
  hangUp,
  parkSlot,
  meetingRoom,
  pickUp,
  supervise,
  voicemail,
  mailbox,
  intercom,
  draft,
];

let byType: ReadonlyMap<string, DestinationType> | null = null;

// made at the first use: a type may itself ask the registry
const registry = (): ReadonlyMap<string, DestinationType> => {
  byType ??= new Map(TYPES().map((one) => [one.type, one]));
  return byType;
};

/** The type of that name; null when there is none. The name may come from outside. */
export const destinationType = (type: string): DestinationType | null => registry().get(type) ?? null;

/** Every type that exists. */
export const destinationTypes = (): readonly string[] => [...registry().keys()];

/** Types that may stand in rules, numbers and defaults. */
export const offeredDestinations = (): readonly string[] =>
  [...registry().values()].filter((one) => one.offered).map((one) => one.type);

/** Whether the company has such an entity and calls may be led to it: checked before a destination is stored. */
export async function destinationExists(db: Db, scope: CompanyScope, destination: Destination): Promise<boolean> {
  const type = destinationType(destination.type);
  return type?.offered === true && (await type.exists(db, scope, destination.id));
}

/** What a destination is at this moment. */
export async function resolveDestination(
  db: Db,
  companyId: string,
  destination: Destination,
  asking: Asking,
): Promise<IoResult> {
  const type = destinationType(destination.type);
  return type ? type.resolve(db, companyId, destination.id, asking, resolveDestination) : NOT_FOUND;
}
