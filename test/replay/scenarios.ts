/** The runs whose histories are stored: between them they use every command of the runner. */

import { callsBundle, createCallsWorker } from '@callwright/calls';
import {
  type FakeMedia,
  fakeMedia,
  hangupBody,
  openWorld,
  scriptedStart,
  until,
  type World,
} from '@callwright/calls/testing';
import {
  CALL_SIGNALS,
  CALL_START_OPTIONS,
  callWorkflowId,
  type IoActivities,
  POOL_SIGNALS,
  POOL_WORKFLOW,
  poolWorkflowId,
} from '@callwright/contract';
import { buildRevision, type FlowDocument, flow, NO_CATALOGUE, node, type RingGroup, say } from '@callwright/engine';

const GROUP: RingGroup = {
  id: 'sales',
  coordinates: { type: 'ring-group', id: 'sales', entityNumber: 1, number: '300', name: 'Sales' },
  strategy: 'all',
  memberRingMs: 10_000,
  totalRingMs: 20_000,
  members: ['ada', 'bob'].map((userId, i) => ({
    userId,
    coordinates: { type: 'user', id: userId, entityNumber: i + 1, number: `10${i}`, name: userId },
    registered: true,
  })),
};

const menu = {
  prompts: [say('Press one')],
  firstDigitTimeoutMs: 60_000,
  tries: 1,
  choices: [{ key: '1', outcome: 'one' }],
};

const FLOWS = {
  menu: flow('menu', {
    language: 'en',
    nodes: {
      start: node('start', { answer: true }, { next: 'menu' }),
      menu: node('menu', menu, { one: 'menu', 'no-input': 'end', 'no-match': 'end' }),
      end: node('hang-up', {}),
    },
  }),
  group: flow('group', {
    language: 'en',
    nodes: {
      start: node('start', { answer: true }, { next: 'ring' }),
      ring: node(
        'ring-group',
        { group: 'sales' },
        { completed: 'end', busy: 'end', 'no-answer': 'end', unavailable: 'end', rejected: 'end', failed: 'end' },
      ),
      end: node('hang-up', {}),
    },
  }),
} satisfies Record<string, FlowDocument>;

export interface Recorded {
  readonly name: string;
  readonly workflowId: string;
}

interface Stage {
  readonly world: World;
  readonly media: FakeMedia;
  begin(document: FlowDocument): Promise<{
    leg: string;
    workflowId: string;
    handle: Awaited<ReturnType<World['client']['client']['workflow']['start']>>;
  }>;
}

const SCENARIOS: Readonly<Record<string, (stage: Stage) => Promise<string>>> = {
  'call-menu': async ({ media, begin }) => {
    const { leg, workflowId, handle } = await begin(FLOWS.menu);
    for (const digit of '119') {
      await until(() => media.listens(leg));
      media.press(leg, digit);
    }
    await handle.result();
    return workflowId;
  },
  'call-hang-up-and-gap': async ({ media, begin }) => {
    const { leg, workflowId, handle } = await begin(FLOWS.menu);
    await until(() => media.listens(leg));
    await media.say(leg, { type: 'held' }, 'keep');
    await media.say(leg, { type: 'resumed' });
    await until(() => media.resends.some((resend) => resend.leg === leg));
    await media.say(leg, hangupBody('remote'));
    await handle.result();
    return workflowId;
  },
  'call-instance-lost': async ({ media, begin }) => {
    const { leg, workflowId, handle } = await begin(FLOWS.menu);
    await until(() => media.listens(leg));
    await handle.signal(CALL_SIGNALS.instanceLost, { instance: media.instance });
    await handle.result();
    return workflowId;
  },
  'call-ring-group': async ({ media, begin }) => {
    const { leg, workflowId, handle } = await begin(FLOWS.group);
    await until(() =>
      media.started.some((o) => o.input.callId === callOf(workflowId) && o.input.command.kind === 'media.bridge'),
    );
    await media.say(leg, hangupBody('remote'));
    await handle.result();
    return workflowId;
  },
};

const callOf = (workflowId: string): string => workflowId.split(':')[2]!;

/** Plays every scenario on a real Temporal server; the workflows' histories are then there to be fetched. */
export async function playScenarios(): Promise<{ world: World; recorded: Recorded[]; close(): Promise<void> }> {
  const companyId = crypto.randomUUID();
  const world: World = await openWorld({
    lookup: async ({ lookup }) =>
      lookup.what === 'ring-group' ? { status: 'ring-group', group: GROUP } : { status: 'not-found' },
    poolMessage: (async ({ message }) => {
      await world.client.client.workflow.signalWithStart(POOL_WORKFLOW, {
        workflowId: poolWorkflowId(companyId),
        taskQueue: world.taskQueue,
        args: [{ companyId }],
        signal: POOL_SIGNALS.message,
        signalArgs: [message],
      });
    }) satisfies IoActivities['poolMessage'],
  });
  const dialled: string[] = [];
  const media: FakeMedia = await fakeMedia({
    temporal: world.temporal,
    client: world.client,
    instance: `m-${world.id}.1`,
    dialled: (leg) => {
      dialled.push(leg);
      // the first phone of two answers
      if (dialled.length % 2 === 1) void media.say(leg, { type: 'answered', codec: 'PCMA', sipCallId: leg });
    },
  });
  const bundle = await callsBundle({});
  const worker = await createCallsWorker({
    temporal: world.temporal,
    bundle: bundle.code,
    maxCachedWorkflows: 50,
    taskQueue: world.taskQueue,
  });
  const running = worker.run();

  const begin: Stage['begin'] = async (document) => {
    const { closure } = buildRevision(document, NO_CATALOGUE);
    const start = { ...scriptedStart(media.instance, [], companyId), revision: closure.root, variables: {} };
    media.open(companyId, start.callId, start.inbound.leg);
    const workflowId = callWorkflowId(companyId, start.callId);
    const handle = await world.client.client.workflow.start('callWorkflow', {
      ...CALL_START_OPTIONS,
      taskQueue: world.taskQueue,
      workflowId,
      args: [{ start, closure }],
    });
    return { leg: start.inbound.leg, workflowId, handle };
  };

  const recorded: Recorded[] = [];
  for (const [name, play] of Object.entries(SCENARIOS))
    recorded.push({ name, workflowId: await play({ world, media, begin }) });
  recorded.push({ name: 'pool', workflowId: poolWorkflowId(companyId) });
  return {
    world,
    recorded,
    close: async () => {
      await world.client.client.workflow.getHandle(poolWorkflowId(companyId)).terminate();
      worker.shutdown();
      await media.stop();
      await running;
      await world.close();
    },
  };
}
