/**
 * Every field that the reports and lists of the partner contracts print (rows V-016 and V-031…V-039), with where our own API has it and
 * what it must be for the calls and entities of the test. A field that nothing of ours knows is a row that cannot be filled.
 */
import { expect } from 'vitest';

interface Party {
  readonly type: string;
  readonly id: string | null;
  readonly entityNumber: number | null;
  readonly number: string;
  readonly name: string;
}
interface Contact {
  readonly givenName: string;
  readonly familyName: string;
  readonly organisation: string;
}
export interface Line {
  readonly id: number;
  readonly callId: string;
  readonly callNumber: number;
  readonly externalId: string | null;
  readonly party: number;
  readonly way: string;
  readonly who: Party;
  readonly remote: Party;
  readonly remoteContact: Contact | null;
  readonly group: { readonly name: string } | null;
  readonly startedAt: string;
  readonly answeredAt: string | null;
  readonly durationMs: number;
  readonly ringMs: number;
  readonly talkMs: number;
  readonly missed: boolean;
  readonly disposition: string;
}
export interface Call {
  readonly id: string;
  readonly number: number;
  readonly disposition: string;
  readonly direction: string;
  readonly internal: boolean;
  readonly startedAt: string;
  readonly answeredAt: string | null;
  readonly durationMs: number;
  readonly ringMs: number;
  readonly holdMs: number;
  readonly ivrMs: number;
  readonly talkMs: number;
  readonly queueMs: number;
  readonly billableMs: number;
  readonly externalId: string | null;
  readonly refNumber: number | null;
  readonly calling: Party;
  readonly called: Party;
  readonly connected: Party | null;
  readonly trunkIn: { readonly name: string } | null;
  readonly trunkOut: { readonly name: string } | null;
  readonly legs: readonly Line[];
}
interface Named {
  readonly id: string;
  readonly number: number;
  readonly name: string;
}
type Entity = Named & Readonly<Record<string, unknown>>;

/** What the scenario left behind, as our API shows it. */
export interface Seen {
  readonly user: Entity;
  readonly presence: { readonly state: string };
  readonly group: Entity & { readonly members: readonly { readonly userId: string }[] };
  readonly trunk: Entity;
  readonly device: Entity;
  readonly flow: Entity;
  readonly document: {
    readonly nodes: readonly { readonly number: number; readonly kind: string; readonly config: object }[];
    readonly edges: readonly { readonly from: string; readonly outcome: string; readonly to: string }[];
  };
  readonly box: Entity;
  readonly boxMessages: readonly unknown[];
  readonly slot: Entity;
  readonly parked: Readonly<Record<string, unknown>>;
  readonly room: Entity;
  readonly department: Entity;
  readonly live: Call & { readonly codec: string; readonly recording: boolean; readonly peerToPeer: boolean };
  /** By a trunk into a queue, answered by the user, held, recorded. */
  readonly inbound: Call;
  /** Between two parties by the API, through a group. */
  readonly placed: Call;
  readonly outbound: Call;
  /** Of two calls that an attended transfer joined: the one that went on, and the one that gave. */
  readonly joined: readonly [Call, Call];
  /** The user's own lines of the inbound and the placed call. */
  readonly line: Line;
  readonly groupLine: Line;
}

type Row = readonly [row: string, field: string, value: (seen: Seen) => unknown, expected: unknown];

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const number = expect.any(Number);

export const CALLER = '+33123456789';
export const DIALLED = '0612345678';
export const EXTERNAL_ID = 'order-7';
export const USER = {
  givenName: 'Robert',
  familyName: 'Boyle',
  email: 'robert@laboratory.example',
  phrase: 'In the laboratory',
  numbers: { office: '+33155500102', home: '+33155500103', mobile: '+33612345602', fax: '+33155500104' },
} as const;
export const CONTACT = { givenName: 'Marie', familyName: 'Curie', organisation: 'Radium' } as const;

const userHistory: readonly Row[] = [
  ['V-016', 'id', (s) => s.line.id, number],
  ['V-016', 'callid', (s) => [s.line.callNumber, s.groupLine.callNumber], [number, number]],
  ['V-016', 'start_time', (s) => s.line.startedAt, time],
  ['V-016', 'answer_time', (s) => s.line.answeredAt, time],
  ['V-016', 'duration', (s) => s.line.talkMs >= 1000, true],
  ['V-016', 'outcome', (s) => s.line.disposition, 'answered'],
  ['V-016', 'external_id', (s) => [s.line.externalId, s.groupLine.externalId], [null, EXTERNAL_ID]],
  ['V-016', 'direction', (s) => s.line.way, 'in'],
  ['V-016', 'my_number', (s) => s.line.who.number, '102'],
  ['V-016', 'remote_number', (s) => [s.line.remote.number, s.groupLine.remote.number], [CALLER, '101']],
  ['V-016', 'local_id', (s) => s.line.party, number],
  ['V-016', 'group_name', (s) => [s.line.group?.name, s.groupLine.group?.name], ['Support', 'Sales']],
  ['V-016', 'surname, name', (s) => [s.user.familyName, s.user.givenName], [USER.familyName, USER.givenName]],
  [
    'V-016',
    'remote_company, remote_surname, remote_name',
    (s) => s.line.remoteContact,
    expect.objectContaining(CONTACT),
  ],
];

const entities: readonly Row[] = [
  ['V-031', 'id', (s) => s.user.number, number],
  ['V-031', 'name', (s) => s.user.givenName, USER.givenName],
  ['V-031', 'surname', (s) => s.user.familyName, USER.familyName],
  ['V-031', 'extension', (s) => s.user.extension, '102'],
  ['V-031', 'email', (s) => s.user.email, USER.email],
  ['V-031', 'chat_status, av_status', (s) => s.presence.state, 'available'],
  ['V-031', 'numoffice, numhome, nummobile, numfax', (s) => s.user.numbers, USER.numbers],
  ['V-031', 'phrase', (s) => s.user.phrase, USER.phrase],
  ['V-032', 'id', (s) => s.group.number, number],
  ['V-032', 'name', (s) => s.group.name, 'Sales'],
  ['V-032', 'is_broadcast', (s) => s.group.broadcast, false],
  ['V-032', 'visible', (s) => s.group.visible, false],
  ['V-032', 'member_login', (s) => s.group.memberLogin, true],
  ['V-032', 'pick_disabled', (s) => s.group.pickupDisabled, true],
  ['V-032', 'ring_mode', (s) => s.group.strategy, 'sequence'],
  ['V-032', 'users', (s) => s.group.members.map(({ userId }) => userId === s.user.id), [true]],
  ['V-033', 'id', (s) => s.trunk.number, number],
  ['V-033', 'name', (s) => s.trunk.name, 'line'],
  ['V-033', 'type', (s) => s.trunk.kind, 'isdn'],
  ['V-033', 'enabled', (s) => s.trunk.enabled, true],
  ['V-033', 'link_status', (s) => s.trunk.state, 'registered'],
  ['V-033', 'lines', (s) => s.trunk.maxCalls, 4],
  ['V-033', 'busy_lines', (s) => s.trunk.busyLines, 1],
  ['V-033', 'host_port', (s) => [s.trunk.host, s.trunk.port], ['127.0.0.1', number]],
  ['V-034', 'id', (s) => s.device.number, number],
  ['V-034', 'user_agent', (s) => s.device.userAgent, expect.stringMatching(/./)],
  ['V-034', 'device_type', (s) => s.device.type, 'sip'],
  ['V-034', 'host_port', (s) => s.device.address, expect.stringMatching(/127\.0\.0\.1:\d+/)],
  ['V-034', 'registered', (s) => s.device.registered, true],
  ['V-035', 'id', (s) => s.flow.number, number],
  ['V-035', 'name', (s) => s.flow.name, expect.stringMatching(/./)],
  ['V-035', 'description', (s) => s.flow.title, expect.stringMatching(/./)],
  // a contract's tree stands in the document: kind, settings and edges of each node
  ['V-035', 'nodes', (s) => s.document.nodes.length, expect.any(Number)],
  [
    'V-035',
    'nodes: node_id, description, action',
    (s) => s.document.nodes[0],
    expect.objectContaining({ number: 0, kind: 'start', label: '' }),
  ],
  [
    'V-035',
    'nodes: audio, input, term_char, waiting',
    (s) => s.document.nodes[1]?.config,
    expect.objectContaining({ prompts: expect.any(Array) }),
  ],
  [
    'V-035',
    'nodes: parent_id, select_key',
    (s) => s.document.edges[0],
    { from: expect.any(String), outcome: expect.any(String), to: expect.any(String) },
  ],
  ['V-036', 'id, vmid', (s) => s.box.number, number],
  ['V-036', 'vmname', (s) => s.box.name, 'Reception'],
  ['V-036', 'vmcode', (s) => s.box.accessNumber, '796'],
  ['V-036', 'vmtobelisten', (s) => s.boxMessages.length, 0],
  ['V-037', 'id', (s) => s.slot.number, number],
  ['V-037', 'linecode', (s) => s.slot.extension, '795'],
  ['V-037', 'number', (s) => s.parked.number, '101'],
  ['V-037', 'name', (s) => s.parked.name, expect.stringMatching(/./)],
  ['V-037', 'parktime', (s) => s.parked.since, time],
  ['V-037', 'status', (s) => s.parked.slotId === s.slot.id, true],
  ['V-037', 'note', (s) => s.parked.note, 'Wants a refund'],
  ['V-037', 'user_id', (s) => s.parked.userId === s.user.id, true],
  ['V-030', 'rooms: id, name, number', (s) => [s.room.name, s.room.extension], ['Board', '797']],
  ['V-030', 'departments: id, name', (s) => [s.department.name, s.department.number], ['Physics', number]],
];

const callHistory: readonly Row[] = [
  ['V-038', 'id', (s) => s.inbound.number, number],
  ['V-038', 'start_time', (s) => s.inbound.startedAt, time],
  ['V-038', 'duration', (s) => s.inbound.durationMs > s.inbound.talkMs, true],
  ['V-038', 'outcome', (s) => s.inbound.disposition, 'answered'],
  [
    'V-038',
    'calling_id, calling_type, calling_number',
    (s) => s.inbound.calling,
    expect.objectContaining({ type: 'trunk', entityNumber: number, number: CALLER }),
  ],
  [
    'V-038',
    'called_id, called_type, called_number',
    (s) => [s.inbound.called, s.placed.called],
    [
      expect.objectContaining({ type: 'queue', entityNumber: number, name: 'Support' }),
      expect.objectContaining({ type: 'ring-group', entityNumber: number, number: '690' }),
    ],
  ],
  [
    'V-038',
    'connected_id, connected_type, connected_number',
    (s) => s.inbound.connected,
    expect.objectContaining({ type: 'user', entityNumber: number, number: '102' }),
  ],
  ['V-038', 'ring_time', (s) => [s.placed.ringMs > 0, s.outbound.ringMs >= 0], [true, true]],
  ['V-038', 'hold_time', (s) => s.inbound.holdMs >= 1000 && s.inbound.holdMs < s.inbound.talkMs, true],
  ['V-038', 'ivr_time', (s) => s.inbound.ivrMs < s.inbound.queueMs, true],
  ['V-038', 'talk_time', (s) => s.inbound.talkMs >= 1000, true],
  ['V-038', 'queue_time', (s) => [s.inbound.queueMs >= 500, s.placed.queueMs], [true, 0]],
  [
    'V-038',
    'call_ref_id',
    (s) => s.joined.map(({ refNumber }, i) => refNumber === s.joined[1 - i]!.number),
    [true, true],
  ],
  ['V-038', 'external_id', (s) => s.placed.externalId, EXTERNAL_ID],
  ['V-038', 'gateway_in', (s) => [s.inbound.trunkIn?.name, s.outbound.trunkIn], ['line', null]],
  ['V-038', 'gateway_out', (s) => [s.inbound.trunkOut, s.outbound.trunkOut?.name], [null, 'line']],
  ['V-038', 'internal', (s) => [s.inbound, s.placed, s.outbound].map((c) => c.internal), [false, true, false]],
];

const callsNow: readonly Row[] = [
  ['V-039', 'id', (s) => s.live.number === s.inbound.number, true],
  ['V-039', 'start_time', (s) => s.live.startedAt, time],
  ['V-039', 'calling_*', (s) => s.live.calling, expect.objectContaining({ type: 'trunk', number: CALLER })],
  ['V-039', 'calling_desc', (s) => s.live.calling.name, expect.any(String)],
  ['V-039', 'called_*, called_desc', (s) => s.live.called, expect.objectContaining({ type: 'queue', name: 'Support' })],
  [
    'V-039',
    'connected_*, connected_desc',
    (s) => s.live.connected,
    expect.objectContaining({ type: 'user', number: '102', name: `${USER.givenName} ${USER.familyName}` }),
  ],
  ['V-039', 'recording', (s) => s.live.recording, true],
  ['V-039', 'external_id', (s) => s.live.externalId, null],
  ['V-039', 'p2p', (s) => s.live.peerToPeer, false],
  ['V-039', 'codec', (s) => s.live.codec, expect.stringMatching(/^(PCM[AU]|G722)/)],
];

export const REPORT_FIELDS: readonly Row[] = [...userHistory, ...entities, ...callHistory, ...callsNow];
