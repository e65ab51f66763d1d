/** Meeting rooms and park slots. */
import * as z from 'zod';
import { Extension, Label, Pin } from './fields.ts';
import { resourceRoutes } from './resource.ts';

const room = {
  name: Label,
  extension: Extension,
  maxMembers: z.number().int().min(2).max(500),
  waitForModerator: z.boolean().meta({ description: 'The others hear music until a moderator is in' }),
  endWithModerator: z.boolean().meta({ description: 'When the last moderator leaves everybody goes' }),
  announce: z.boolean().meta({ description: 'Who comes and goes is said' }),
  record: z.boolean(),
};
const pins = { pin: Pin.nullable(), moderatorPin: Pin.nullable() };

export const meetingRoomRoutes = resourceRoutes({
  one: 'MeetingRoom',
  many: 'MeetingRooms',
  path: '/meeting-rooms',
  called: ['meeting room', 'meeting rooms'],
  view: { ...room, hasPin: z.boolean(), hasModeratorPin: z.boolean() },
  write: { ...room, ...pins },
  defaults: {
    maxMembers: room.maxMembers.default(20),
    waitForModerator: z.boolean().default(false),
    endWithModerator: z.boolean().default(false),
    announce: z.boolean().default(true),
    record: z.boolean().default(false),
    pin: pins.pin.default(null),
    moderatorPin: pins.moderatorPin.default(null),
  },
  errors: ['API_NAME_TAKEN', 'API_NUMBER_TAKEN'],
  entitlement: 'meeting-rooms',
});

const slot = {
  name: z.string().max(100),
  extension: Extension,
  returnMs: z
    .number()
    .int()
    .min(10_000)
    .max(3_600_000)
    .meta({ description: 'Then the call goes back to who parked it' }),
};

export const parkSlotRoutes = resourceRoutes({
  one: 'ParkSlot',
  many: 'ParkSlots',
  path: '/park-slots',
  called: ['park slot', 'park slots'],
  view: slot,
  write: slot,
  defaults: { name: slot.name.default(''), returnMs: slot.returnMs.default(120_000) },
  errors: ['API_NUMBER_TAKEN'],
});
