/** A call workflow without a will: keeps what telephony signals and does the operations a test tells it to do. */
import type { CallInput, LegEnvelope, MediaOpInput, MediaOpOutput } from '@callwright/contract';
import { condition, defineQuery, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

export interface PuppetJob {
  readonly instance: string;
  readonly input: MediaOpInput;
}

export interface PuppetView {
  readonly start: CallInput['start'];
  readonly events: readonly LegEnvelope[];
  readonly results: Readonly<Record<string, MediaOpOutput>>;
  readonly lost: readonly string[];
  readonly messages: readonly { readonly type: string }[];
}

export const doSignal = defineSignal<[PuppetJob]>('do');
export const endSignal = defineSignal('end');
export const viewQuery = defineQuery<PuppetView>('view');
const legsSignal = defineSignal<[LegEnvelope[]]>('legs');
const lostSignal = defineSignal<[{ instance: string }]>('instanceLost');
const messageSignal = defineSignal<[{ type: string }]>('message');

export async function callWorkflow(input: CallInput): Promise<void> {
  const events: LegEnvelope[] = [];
  const results: Record<string, MediaOpOutput> = {};
  const lost: string[] = [];
  const messages: { type: string }[] = [];
  let over = false;
  setHandler(legsSignal, (batch) => void events.push(...batch));
  setHandler(lostSignal, ({ instance }) => void lost.push(instance));
  setHandler(messageSignal, (message) => void messages.push(message));
  setHandler(viewQuery, () => ({ start: input.start, events, results, lost, messages }));
  setHandler(endSignal, () => {
    over = true;
  });
  setHandler(doSignal, async ({ instance, input: operation }) => {
    const activities = proxyActivities<Record<string, (input: MediaOpInput) => Promise<MediaOpOutput>>>({
      taskQueue: `media.${instance}`,
      startToCloseTimeout: '60s',
      scheduleToStartTimeout: '5s',
      retry: { maximumAttempts: 1 },
    });
    results[operation.command.op] = await activities[operation.command.kind]!(operation);
  });
  await condition(() => over);
}
