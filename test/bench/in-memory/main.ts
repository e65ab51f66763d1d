/** Telephony with the in-memory runner, as a process of its own: the environment of telephony, and nothing of Temporal. */
import { closureCache } from '@callwright/contract/codec';
import { closureSource } from '@callwright/store';
import { runTelephony } from '@callwright/telephony/run';
import { createInMemoryLogic } from './logic.ts';

await runTelephony(process.env, async ({ store }) => {
  const { find } = closureCache({ source: closureSource(store), size: 200, patienceMs: 2000 });
  return { logic: createInMemoryLogic(find), close: async () => {} };
});
