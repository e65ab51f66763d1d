/**
 * Meeting rooms of this instance: what all members hear when somebody comes or goes, and the recording of the whole, from the first who
 * asks for it until the room is empty. A room is on one instance (docs/adr/legs-on-two-instances.md).
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beginRecording, recordingEnded, unfinishedFile } from '@callwright/store';
import { codeOf } from '../errors.ts';
import type { Leg } from '../legs/leg.ts';
import { hasSpace } from '../recording/free-space.ts';
import { DISK_FULL, keepRecording } from '../recording/keep.ts';
import type { TelephonyContext } from './context.ts';

/** Name of a company's room on the media server. */
export const roomName = (companyId: string, room: string): string =>
  `${companyId}-${room.replace(/[^A-Za-z0-9-]/g, '_')}`;

/** Recordings that run, by room name; null while one begins. */
const recordings = new WeakMap<TelephonyContext, Map<string, RoomRecording | null>>();

interface RoomRecording {
  readonly id: string;
  readonly file: string;
  /** Looks whether the disk still takes it. */
  readonly watch: NodeJS.Timeout;
}

const WATCH_MS = 2000;

const membersOf = (context: TelephonyContext, companyId: string, room: string): Leg[] =>
  context.legs.all().filter((leg) => leg.companyId === companyId && leg.room === room && leg.state !== 'ended');

/** Plays files to everybody in the room, after what plays there. */
export function sayInRoom(context: TelephonyContext, companyId: string, room: string, files: readonly string[]): void {
  const [member] = membersOf(context, companyId, room);
  for (const file of files) member?.readyMedia?.endpoint.inRoom(roomName(companyId, room), 'play', file);
}

/** The leg leaves the room it is in; the others hear its farewell, and the last one ends the recording. */
export async function leaveRoom(context: TelephonyContext, leg: Leg): Promise<void> {
  const { room, companyId, farewell } = leg;
  if (room === null) return;
  leg.room = null;
  leg.farewell = [];
  const media = leg.readyMedia;
  if (media && leg.state !== 'ended') await media.endpoint.leaveRoom().catch(() => {});
  if (membersOf(context, companyId, room).length === 0)
    await endRecording(context, companyId, roomName(companyId, room));
  else sayInRoom(context, companyId, room, farewell);
}

/** Begins to record the room unless that is done already. A disk that takes nothing leaves the meeting as it is. */
export async function recordRoom(
  context: TelephonyContext,
  leg: Leg,
  { op, callId, by }: { readonly op: string; readonly callId: string; readonly by: string },
): Promise<void> {
  const name = roomName(leg.companyId, leg.room ?? '');
  const running = recordings.get(context) ?? new Map<string, RoomRecording | null>();
  recordings.set(context, running);
  if (running.has(name) || leg.room === null) return;
  running.set(name, null);
  const { store, mediaDir, instance } = context;
  const { companyId } = leg;
  try {
    const purpose = { type: 'call', by } as const;
    const id = await beginRecording(store.db, { companyId, op, callId, legId: leg.id, instance, purpose });
    const file = unfinishedFile(mediaDir, companyId, id);
    await mkdir(dirname(file), { recursive: true, mode: 0o750 });
    if (!(await hasSpace(context.recordingSpace))) {
      running.delete(name);
      await recordingEnded(store.db, companyId, id, 'failed', DISK_FULL);
      return;
    }
    const answer = (await leg.readyMedia?.endpoint.inRoom(name, 'recording start', file)) ?? '';
    if (answer === '' || answer.startsWith('-ERR')) {
      running.delete(name);
      await keepRecording({ store, mediaDir, companyId, id, minMs: 1, asPrompt: false, ended: 'disk' });
      return;
    }
    const watch = setInterval(() => void watchSpace(context, companyId, name), WATCH_MS);
    watch.unref();
    running.set(name, { id, file, watch });
    // everybody may have left while it began
    if (membersOf(context, companyId, leg.room ?? '').length === 0) await endRecording(context, companyId, name);
  } catch (error) {
    if (running.get(name) === null) running.delete(name);
    context.log.warn({ leg: leg.id, code: codeOf(error) }, 'a room is not recorded');
  }
}

/** A disk that is nearly full ends the recording, never the meeting. */
async function watchSpace(context: TelephonyContext, companyId: string, name: string): Promise<void> {
  const recording = recordings.get(context)?.get(name);
  if (!recording || (await hasSpace(context.recordingSpace))) return;
  const member = context.legs.all().find((leg) => leg.room !== null && roomName(leg.companyId, leg.room) === name);
  await member?.readyMedia?.endpoint.inRoom(name, 'recording stop', recording.file);
  await endRecording(context, companyId, name, DISK_FULL);
}

async function endRecording(
  context: TelephonyContext,
  companyId: string,
  name: string,
  ended = 'hang-up',
): Promise<void> {
  const running = recordings.get(context);
  const recording = running?.get(name);
  if (!recording) return;
  running?.delete(name);
  clearInterval(recording.watch);
  const { store, mediaDir, log } = context;
  const keeping = { store, mediaDir, companyId, id: recording.id, minMs: 1, asPrompt: false, ended };
  await keepRecording(keeping).catch((error: unknown) =>
    log.warn({ recording: recording.id, code: codeOf(error) }, 'a recording was not kept'),
  );
}
