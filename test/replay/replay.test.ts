/** Histories of running calls and pools replay with today's code: a deploy in the middle of calls breaks none. */
import { readdirSync, readFileSync } from 'node:fs';
import { callsBundle } from '@callwright/calls';
import { dataConverter } from '@callwright/contract/codec';
import { keyringFromBytes } from '@callwright/store';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';

const folder = new URL('./fixtures/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));

interface Stored {
  readonly workflowId: string;
  readonly history: { events: { eventType?: string }[] };
}
const stored = (name: string): Stored => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Stored;

let code: string;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  code = (await callsBundle({})).code;
});

/** The histories were recorded with this key, and no closure was in a store: they carry theirs. */
const options = () => ({
  workflowBundle: { code },
  dataConverter: dataConverter({
    address: '',
    namespace: 'default',
    cipher: keyringFromBytes(Buffer.alloc(32, 9)),
    closures: async () => null,
  }),
});

describe('stored histories', () => {
  it('are there for calls and pools', () => {
    for (const kind of ['call-', 'pool']) expect(names.some((name) => name.startsWith(kind))).toBe(true);
  });

  it.each(names)('%s replays', async (name) => {
    const { workflowId, history } = stored(name);
    await Worker.runReplayHistory(options(), history, workflowId);
  });

  it('would show a change: a history without one of its operations does not replay', async () => {
    const { workflowId, history } = stored('call-menu.json');
    const timers = history.events.filter((event) => event.eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
    const attributes = (timers[1] as { activityTaskScheduledEventAttributes: { activityType: { name: string } } })
      .activityTaskScheduledEventAttributes;
    attributes.activityType.name = 'media.unknown';
    await expect(Worker.runReplayHistory(options(), history, workflowId)).rejects.toThrow(/TMPRL1100/);
  });
});
