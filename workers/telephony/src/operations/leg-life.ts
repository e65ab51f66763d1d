/** `leg.ring`, `leg.answer`, `leg.hangup`, `leg.refer`, `leg.release`: the life of a leg as its call commands it. */

import type { DialTarget } from '@callwright/engine';
import { extensionOf, releaseLeg } from '@callwright/store';
import { TelephonyError } from '../errors.ts';
import { escapeUser } from '../sip/headers.ts';
import { DONE, type Handler, INTERRUPTED, type RunningOperation } from './context.ts';

export const ring: Handler<'leg.ring'> = async ({ leg, command, started }) => {
  if (!leg.phone || leg.direction !== 'inbound' || leg.state === 'answered') return DONE;
  const media = command.earlyMedia ? await leg.media : null;
  if (leg.end) return INTERRUPTED;
  // who speaks nothing of ours hears nothing of ours
  leg.phone.ring(media && !leg.onlyPasses ? media.endpoint.localSdp : null);
  if (leg.state === 'proceeding') leg.state = 'early';
  started();
  return DONE;
};

/** 200 with the channel's description. Done when it was sent; `answered` follows with the ACK. */
export const answer: Handler<'leg.answer'> = async ({ context, leg, started }) => {
  if (leg.state === 'answered') return DONE;
  if (!leg.phone || leg.direction !== 'inbound') throw new TelephonyError('TEL_NOT_ANSWERED');
  try {
    await leg.phone.answer();
  } catch (error) {
    if (leg.end) return INTERRUPTED;
    // the SIP server refuses a late 200: the caller has gone in this very moment
    context.legs.end(leg, { cause: 'failed', sipStatus: null, by: 'network' });
    context.log.warn({ leg: leg.id, err: error }, 'answer failed');
    return INTERRUPTED;
  }
  started();
  context.metrics.setup.observe((context.now() - leg.createdAt) / 1000);
  return leg.end ? INTERRUPTED : DONE;
};

export const hangup: Handler<'leg.hangup'> = async ({ context, leg, command, started }) => {
  context.legs.end(leg, { cause: command.cause, sipStatus: command.sipStatus ?? null, by: 'local' });
  started();
  return DONE;
};

/** The call has processed the leg's hang-up: nothing of the leg is needed any more. */
export const release: Handler<'leg.release'> = async ({ context, leg, command, started }) => {
  leg.log.acknowledge(command.upTo);
  // a release of a leg that is up would strand its far end
  context.legs.end(leg, { cause: 'normal', sipStatus: null, by: 'local' });
  started();
  releaseLeg(context.store.db, leg.companyId, leg.id).catch(() => {});
  return DONE;
};

export const refer: Handler<'leg.refer'> = async (operation) => {
  const { leg, command, started } = operation;
  if (leg.state !== 'answered' || !leg.phone) throw new TelephonyError('TEL_NOT_ANSWERED');
  const target = await referTarget(operation, command.target);
  started();
  const outcome = await leg.phone.refer(target);
  if (!outcome.ok) throw new TelephonyError('TEL_REFER', `SIP ${outcome.sipStatus}.`);
  return DONE;
};

async function referTarget({ context, leg }: RunningOperation, target: DialTarget): Promise<string> {
  if (target.type === 'sip') {
    const guarded = await context.guard.check(target.uri);
    if (!guarded) throw new TelephonyError('TEL_REFER', 'The destination is not allowed.');
    return guarded.uri;
  }
  const number =
    target.type === 'user' ? await extensionOf(context.store.db, leg.companyId, target.userId) : target.number;
  if (!number) throw new TelephonyError('TEL_REFER', 'The user is unknown.');
  return `sip:${escapeUser(number)}@${leg.domain}`;
}
