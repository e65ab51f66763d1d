/** Meeting rooms and park slots: their rows; what happens in them is the call machine's. */
import { companyResource } from './resource.ts';

export interface MeetingRoomFields {
  readonly name: string;
  /** Dialled to enter. */
  readonly extension: string;
  /** Hash of the PIN (`password.ts`); null: none is asked. */
  readonly pinHash: string | null;
  readonly moderatorPinHash: string | null;
  readonly maxMembers: number;
  readonly waitForModerator: boolean;
  /** When the last moderator leaves everybody goes. */
  readonly endWithModerator: boolean;
  /** Who comes and goes is said. */
  readonly announce: boolean;
  readonly record: boolean;
}

export const meetingRooms = companyResource<MeetingRoomFields>({
  table: 'meeting_room',
  type: 'meeting-room',
  columns: {
    name: 'name',
    extension: 'extension',
    pinHash: 'pin_hash',
    moderatorPinHash: 'moderator_pin_hash',
    maxMembers: 'max_members',
    waitForModerator: 'wait_for_moderator',
    endWithModerator: 'end_with_moderator',
    announce: 'announce',
    record: 'record',
  },
  dialled: 'extension',
});

export interface ParkSlotFields {
  readonly name: string;
  /** Dialled to park here and to take the call back. */
  readonly extension: string;
  /** Then the call goes back to who parked it. */
  readonly returnMs: number;
}

export const parkSlots = companyResource<ParkSlotFields>({
  table: 'park_slot',
  type: 'park-slot',
  columns: { name: 'name', extension: 'extension', returnMs: 'return_ms' },
  dialled: 'extension',
});
