/** `media.keys`: sequences of keys that a leg may press while it talks with another, or sits in a meeting room. */
import { ownKeys } from '@callwright/store';
import { createKeyWatch } from '../legs/key-watch.ts';
import { DONE, type Handler, type Operation } from './context.ts';

export const keys: Handler<'media.keys'> = async (operation) => {
  const { context, leg, command, started } = operation;
  // what was pressed since the two were joined, and while the company's keys are looked up, counts, too
  const pressed = leg.earlyKeys.splice(0);
  leg.keyWatch ??= { press: (key) => void pressed.push(key) };
  const sequences = await sequencesOf(operation);
  const watch = createKeyWatch(sequences, command.betweenMs, (name) => {
    if (leg.state !== 'ended') context.legs.report(leg, { type: 'feature', name });
  });
  leg.keyWatch = watch;
  for (const key of pressed) watch.press(key);
  started();
  return DONE;
};

/** By the company's own keys and the user's rights; as they stand where those cannot be read. */
async function sequencesOf({ context, leg, command }: Operation<'media.keys'>) {
  const { user, sequences } = command;
  if (user === undefined) return sequences;
  return ownKeys(context.store.db, leg.companyId, user, sequences).catch(() => sequences);
}
