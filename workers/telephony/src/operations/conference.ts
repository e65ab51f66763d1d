/** `media.conference`: a leg in a meeting room of its company. */
import { DONE, type Handler, INTERRUPTED } from './context.ts';

/** Enters, changes whether the leg is heard, or leaves. Rooms of two companies never share a name. */
export const conference: Handler<'media.conference'> = async ({ leg, command, started }) => {
  const media = await leg.media;
  if (!media || leg.state === 'ended') return INTERRUPTED;
  const { endpoint, player } = media;
  const { room, muted, moderator } = command;
  if (room === null) {
    if (leg.room !== null) await endpoint.leaveRoom();
    leg.room = null;
  } else if (leg.room === room) await endpoint.muteInRoom(muted);
  else {
    await player.silence();
    await endpoint.enterRoom(`${leg.companyId}-${room.replace(/[^A-Za-z0-9-]/g, '_')}`, { mute: muted, moderator });
    leg.room = room;
  }
  started();
  return leg.end ? INTERRUPTED : DONE;
};
