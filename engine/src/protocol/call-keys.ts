/** What parties may ask for by keys while they talk or sit in a meeting room, with the keys they have it under by default. */
import * as z from 'zod';

/** Sequences are the field's: two keys, the second within two seconds. Of users while they talk. */
export const CALL_KEYS = [
  { keys: '##', name: 'blind' },
  { keys: '*1', name: 'attended' },
  { keys: '*3', name: 'conference' },
  { keys: '*4', name: 'park' },
  { keys: '*2', name: 'record' },
  { keys: '*5', name: 'record-pause' },
] as const;

/** Of everybody in a meeting room; the last three are a moderator's. */
export const ROOM_KEYS = [
  { keys: '*6', name: 'room-mute' },
  { keys: '*7', name: 'room-lock' },
  { keys: '*8', name: 'room-mute-others' },
  { keys: '*9', name: 'room-let-go' },
] as const;

const names = [...CALL_KEYS, ...ROOM_KEYS].map(({ name }) => name);

/** What a key sequence asks for. */
export const CallKeyAction = z.enum(names);
export type CallKeyAction = z.infer<typeof CallKeyAction>;

/** The keys of an action unless the company has others. */
export const defaultKeys = (action: CallKeyAction): string =>
  [...CALL_KEYS, ...ROOM_KEYS].find(({ name }) => name === action)?.keys ?? '';
