/** Sites, departments, voicemail boxes, meeting rooms, park slots. */
import {
  departmentRoutes,
  greetingRoutes,
  meetingRoomRoutes,
  parkSlotRoutes,
  siteRoutes,
  voicemailBoxRoutes,
} from '@callwright/api-contract';
import {
  departments,
  getGreetings,
  hashPassword,
  type MeetingRoomFields,
  meetingRooms,
  type Patch,
  parkSlots,
  setGreetings,
  sites,
  type VoicemailBoxFields,
  voicemailBoxes,
} from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found } from '../http/paging.ts';
import { resourceHandlers } from './resource.ts';

type Body = Readonly<Record<string, unknown>>;

const hashed = async (pin: unknown): Promise<string | null> => (pin === null ? null : hashPassword(String(pin)));

async function roomFields({ pin, moderatorPin, ...rest }: Body): Promise<Patch<MeetingRoomFields>> {
  return {
    ...rest,
    ...(pin === undefined ? {} : { pinHash: await hashed(pin) }),
    ...(moderatorPin === undefined ? {} : { moderatorPinHash: await hashed(moderatorPin) }),
  };
}

async function boxFields({ pin, ...rest }: Body): Promise<Patch<VoicemailBoxFields>> {
  return { ...rest, ...(pin === undefined ? {} : { pinHash: await hashed(pin) }) };
}

export function equipmentHandlers({ store: { db } }: Services): Implementation[] {
  return [
    ...resourceHandlers(db, siteRoutes, ['Site', 'Sites'], sites),
    ...resourceHandlers(db, departmentRoutes, ['Department', 'Departments'], departments),
    ...resourceHandlers(db, parkSlotRoutes, ['ParkSlot', 'ParkSlots'], parkSlots),
    ...resourceHandlers(db, meetingRoomRoutes, ['MeetingRoom', 'MeetingRooms'], meetingRooms, {
      view: ({ pinHash, moderatorPinHash, ...room }) => ({
        ...room,
        hasPin: pinHash !== null,
        hasModeratorPin: moderatorPinHash !== null,
      }),
      fields: roomFields,
    }),
    ...resourceHandlers(db, voicemailBoxRoutes, ['VoicemailBox', 'VoicemailBoxes'], voicemailBoxes, {
      view: ({ pinHash, ...box }) => ({ ...box, hasPin: pinHash !== null }),
      fields: boxFields,
      only: ({ user }) => ({ userId: user }),
    }),
    implement(greetingRoutes.getGreetings, async ({ params }, { company }) =>
      found(await getGreetings(db, company, params.id)),
    ),
    implement(greetingRoutes.putGreetings, async ({ params, body }, { company, audit }) => {
      const given = Object.fromEntries(Object.entries(body).filter(([, id]) => id !== undefined));
      const greetings = found(await setGreetings(db, company, params.id, given));
      await audit({ action: 'voicemail.greetings-changed', entity: { type: 'voicemail', id: params.id } });
      return greetings;
    }),
  ];
}
