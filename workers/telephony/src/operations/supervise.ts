/** `media.supervise`: a leg hears another and whom that talks with, and speaks to one of them or to both. */
import { TelephonyError } from '../errors.ts';
import { eavesdropSettings } from '../media/eavesdrop.ts';
import { DONE, type Handler, INTERRUPTED } from './context.ts';

/** Begins, changes the mode or, without a target, ends. The target may be another instance's. */
export const supervise: Handler<'media.supervise'> = async (operation) => {
  const { context, leg, command, started } = operation;
  const media = await leg.media;
  if (!media || leg.end) return INTERRUPTED;
  leg.supervised = null;
  if (command.target === null) {
    await Promise.all([context.links.part(leg), media.player.silence()]);
    started();
    return DONE;
  }
  const target = context.legs.get(command.target);
  if (!target) return superviseFar(operation, command.target);
  if (target.companyId !== leg.companyId || target.callId !== leg.callId || target.state === 'ended')
    return INTERRUPTED;
  if (leg.state !== 'answered' || target.state !== 'answered') throw new TelephonyError('TEL_NOT_ANSWERED');
  const theirs = await target.media;
  if (!theirs) return INTERRUPTED;
  await Promise.all([context.links.part(leg), media.player.silence()]);
  for (const [name, value] of eavesdropSettings(command.mode)) await media.endpoint.ask('uuid_setvar', name, value);
  leg.digits.clear();
  leg.supervised = target.id;
  media.player.run('eavesdrop', theirs.endpoint.uuid);
  started();
  return leg.end ? INTERRUPTED : DONE;
};

const superviseFar = async (
  { context, leg, command, started }: Parameters<Handler<'media.supervise'>>[0],
  target: string,
): ReturnType<Handler<'media.supervise'>> => {
  if (leg.state !== 'answered') throw new TelephonyError('TEL_NOT_ANSWERED');
  // a leg that is nowhere has ended, and says so itself
  if (!(await context.links.supervise(leg, target, command.mode)) || leg.end) return INTERRUPTED;
  started();
  return DONE;
};
