/** Responders and their trees of nodes (V-035). */
import type { ResponderNode } from '@callwright/engine';
import type { PartnerHost } from '../src/host.ts';
import type { Lister } from './entities.ts';
import { ACTION, ENTITY_TYPES, entityId, INPUT } from './tables.ts';
import type { Xml } from './voispeed.codec.ts';

type Target = NonNullable<ResponderNode['target']>;

/** Whom a node calls, as type and number of an entity or as a number to dial. */
interface Called {
  readonly type: number | '';
  readonly id: number | '';
  readonly external: string;
}
const NOBODY: Called = { type: '', id: '', external: '' };

interface Named {
  readonly id: string;
  readonly number: number;
  readonly name?: string;
  readonly extension?: string;
}

const LISTS: Readonly<Record<string, (host: PartnerHost) => Promise<readonly Named[]>>> = {
  user: (host) => host.users(),
  'ring-group': async (host) => (await host.groups()).filter(({ kind }) => kind === 'ring-group'),
  queue: async (host) => (await host.groups()).filter(({ kind }) => kind === 'queue'),
  flow: (host) => host.flows(),
  voicemail: (host) => host.boxes(),
  'meeting-room': (host) => host.rooms(),
  'park-slot': (host) => host.slots(),
};

async function calledOf(host: PartnerHost, target: Target | null): Promise<Called> {
  if (target === null) return NOBODY;
  if (target.type === 'number') return { ...NOBODY, external: target.number };
  if (target.type === 'sip') return { ...NOBODY, external: target.uri };
  const kind = target.type === 'user' ? 'user' : target.destinationType;
  const found = (await LISTS[kind]?.(host))?.find(
    ({ id, name, extension }) => id === target.id || name === target.id || extension === target.id,
  );
  const type = [...ENTITY_TYPES].find(([, types]) => types.includes(kind))?.[0];
  return found && type !== undefined
    ? { ...NOBODY, type, id: entityId({ type: kind, entityNumber: found.number })! }
    : NOBODY;
}

const bit = (on: boolean): number => (on ? 1 : 0);
const when = <T>(holds: boolean, value: T): T | '' => (holds ? value : '');

async function nodeXml(host: PartnerHost, node: ResponderNode): Promise<Xml> {
  const action = ACTION.indexOf(node.action);
  const called = node.action === 'call' ? await calledOf(host, node.target) : NOBODY;
  return [
    'node',
    [
      ['node_id', node.number],
      ['parent_id', node.parent ?? ''],
      ['description', node.label],
      ['select_key', node.key ?? ''],
      ['go_back_key', node.backKey ?? ''],
      ['audio_type', bit(node.audio)],
      ['audio_message', node.message ?? ''],
      ['audio_loop', bit(node.loop)],
      ['input_type', INPUT.indexOf(node.input)],
      ['input_length', when(node.input === 'length', node.inputLength)],
      ['term_char', when(node.input === 'terminator', node.terminator)],
      ['timeout_last_digit', when(node.input === 'pause', node.pauseMs / 1000)],
      ['waiting_input_time', node.waitMs / 1000],
      ['action', action],
      ['called_type', called.type],
      ['called_id', called.id],
      ['called_external_number', called.external],
      ['script', when(node.action === 'script', node.script)],
    ],
  ];
}

/** Every published flow; one that is no tree of keys has no nodes to show. */
export const ivrs: Lister = async ({ host }) => {
  const [flows, trees] = await Promise.all([host.flows(), host.responders()]);
  return Promise.all(
    flows.map(async (flow) => {
      const nodes = await Promise.all((trees.get(flow.id) ?? []).map((node) => nodeXml(host, node)));
      return {
        number: flow.number,
        xml: [
          'ivr',
          [
            ['id', flow.number],
            ['name', flow.name],
            ['description', flow.title],
            ['nodes', nodes],
          ],
        ] as const,
      };
    }),
  );
};
