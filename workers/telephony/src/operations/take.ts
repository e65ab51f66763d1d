/** `leg.take`: a leg goes from one call to another by one conditional update of its row (design §4, moving a leg). */
import type { MediaOpInput } from '@callwright/contract';
import { moveLeg } from '@callwright/store';
import { TelephonyError } from '../errors.ts';
import type { Leg } from '../legs/leg.ts';
import type { CommandOf, TelephonyContext } from './context.ts';

type TakeCommand = CommandOf<'leg.take'>;

/**
 * Before the commit the leg is the giver's, after it the receiver's. The receiver gets everything above the offered number; the
 * giver is told, and a receiver that has ended meanwhile leaves the far end hung up. A take by the giver itself withdraws its offer. Rejects with `TEL_MOVE_LOST` when the row says otherwise.
 */
export async function take(
  context: TelephonyContext,
  leg: Leg,
  input: MediaOpInput,
  command: TakeCommand,
): Promise<void> {
  const { giver, lastNumber } = command;
  const receiver = input.callId;
  const committed = await moveLeg(context.store.db, {
    companyId: input.companyId,
    leg: leg.id,
    giver,
    receiver,
    lastNumber,
  });
  if (!committed) throw new TelephonyError('TEL_MOVE_LOST');
  if (giver === receiver) return;
  for (const stop of leg.running.values()) stop.abort();
  leg.log.acknowledge(lastNumber);
  context.legs.moved(leg, receiver);
  for (const event of leg.log.after(lastNumber)) context.delivery.send(leg.companyId, receiver, event);
  const moved = { id: `${command.op}/moved`, leg: leg.id, to: receiver };
  void context.tellMoved(leg.companyId, giver, moved);
  void context.tellMoved(leg.companyId, receiver, moved).then((outcome) => {
    if (outcome === 'no-call' && leg.callId === receiver) {
      context.legs.end(leg, { cause: 'failed', sipStatus: null, by: 'local' });
    }
  });
}
