/** `media.conference`: a leg in a meeting room of its company. */
import { DONE, type Handler, INTERRUPTED } from './context.ts';
import { resolveRuns } from './prompts.ts';
import { leaveRoom, recordRoom, roomName, sayInRoom } from './room.ts';

/** Enters, changes whether the leg is heard, or leaves. Rooms of two companies never share a name. */
export const conference: Handler<'media.conference'> = async (operation) => {
  const { context, leg, command, input, started } = operation;
  const media = await leg.media;
  if (!media || leg.state === 'ended') return INTERRUPTED;
  const { endpoint, player } = media;
  const { room, muted, moderator, hello, goodbye, record } = command;
  if (leg.room !== null && leg.room === room) {
    await endpoint.muteInRoom(muted);
    started();
    return DONE;
  }
  if (leg.room !== null) await leaveRoom(context, leg);
  if (room !== null) {
    const [news, farewell] = await Promise.all(
      [hello, goodbye].map(async (prompt) =>
        prompt ? (await resolveRuns(operation, [prompt])).flatMap((run) => run.files) : [],
      ),
    );
    await player.silence();
    leg.digits.clear();
    await endpoint.enterRoom(roomName(leg.companyId, room), { mute: muted, moderator });
    leg.room = room;
    leg.farewell = farewell ?? [];
    // who hangs up is missed as well as who is let go
    leg.over.signal.addEventListener('abort', () => void leaveRoom(context, leg), { once: true });
    if (leg.over.signal.aborted) await leaveRoom(context, leg);
    if (record !== undefined) await recordRoom(context, leg, { op: command.op, callId: input.callId, by: record });
    sayInRoom(context, leg.companyId, room, news ?? []);
  }
  started();
  return leg.end ? INTERRUPTED : DONE;
};
