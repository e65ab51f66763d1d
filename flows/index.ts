/** The built-in catalogue: every flow that comes with Callwright, as documents. */
import type { FlowDocument } from '@callwright/engine';
import agent from './agent/agent.ts';
import announcement from './announcement/announcement.ts';
import callBack from './call-back/call-back.ts';
import direct from './direct/direct.ts';
import directGroup from './direct-group/direct-group.ts';
import directOutside from './direct-outside/direct-outside.ts';
import directPeer from './direct-peer/direct-peer.ts';
import directQueue from './direct-queue/direct-queue.ts';
import directSip from './direct-sip/direct-sip.ts';
import directory from './directory/directory.ts';
import doNotDisturb from './do-not-disturb/do-not-disturb.ts';
import echoTest from './echo-test/echo-test.ts';
import frontDesk from './front-desk/front-desk.ts';
import intercom from './intercom/intercom.ts';
import mailbox from './mailbox/mailbox.ts';
import meetingRoom from './meeting-room/meeting-room.ts';
import parkSlot from './park-slot/park-slot.ts';
import pickUp from './pick-up/pick-up.ts';
import refuse from './refuse/refuse.ts';
import speakingClock from './speaking-clock/speaking-clock.ts';
import supervise from './supervise/supervise.ts';
import toneMenu from './tone-menu/tone-menu.ts';
import unavailable from './unavailable/unavailable.ts';
import unknownCallers from './unknown-callers/unknown-callers.ts';
import voicemail from './voicemail/voicemail.ts';
import welcome from './welcome/welcome.ts';

export { type CatalogueRevision, pinTogether } from './revisions.ts';

/** Flows by their unique names. */
export const catalogue: Readonly<Record<string, FlowDocument>> = {
  agent,
  announcement,
  direct,
  'direct-group': directGroup,
  'direct-outside': directOutside,
  'direct-peer': directPeer,
  'direct-queue': directQueue,
  'direct-sip': directSip,
  'do-not-disturb': doNotDisturb,
  'echo-test': echoTest,
  'front-desk': frontDesk,
  refuse,
  'call-back': callBack,
  directory,
  'speaking-clock': speakingClock,
  intercom,
  'meeting-room': meetingRoom,
  mailbox,
  'park-slot': parkSlot,
  'pick-up': pickUp,
  supervise,
  'tone-menu': toneMenu,
  unavailable,
  'unknown-callers': unknownCallers,
  voicemail,
  welcome,
};
