/** `media.keys`: sequences of keys that a leg may press while it talks with another. */
import { ownKeys } from '@callwright/store';
import { createKeyWatch } from '../legs/key-watch.ts';
import { DONE, type Handler } from './context.ts';

export const keys: Handler<'media.keys'> = async ({ context, leg, command, started }) => {
  const { betweenMs, user } = command;
  const sequences =
    user === undefined
      ? command.sequences
      : await ownKeys(context.store.db, leg.companyId, user, command.sequences).catch(() => command.sequences);
  leg.keyWatch = createKeyWatch(sequences, betweenMs, (name) => {
    if (leg.state !== 'ended') context.legs.report(leg, { type: 'feature', name });
  });
  started();
  return DONE;
};
