/** A small telephone system in memory, for tests of contracts: one company with three users, a group, a trunk, a flow and one call. */
import type { Coordinates, ResponderNode } from '@callwright/engine';
import type { ContactPatch, HostCall, HostContact, HostUser, PartnerHost } from './host.ts';

export interface FakeHost extends PartnerHost {
  /** What was asked of it and changes something, as short texts. */
  readonly asked: readonly string[];
}

const user = (number: number, extension: string, givenName: string): HostUser => ({
  id: `user-${number}`,
  number,
  extension,
  givenName,
  familyName: 'Rossi',
  email: `${givenName.toLowerCase()}@example.test`,
  phrase: 'in the office',
  mode: 'normal',
  divertNumber: null,
  numbers: { mobile: '+393339876543' },
  presence: 'available',
  chat: null,
});

export const FAKE_USERS = [user(1, '35', 'Anna'), user(2, '39', 'Bruno'), user(3, '40', 'Carla')] as const;

export const fakeParty = ({ id, number, extension, givenName }: HostUser): Coordinates => ({
  type: 'user',
  id,
  entityNumber: number,
  number: extension,
  name: givenName,
});

const OUTSIDE: Coordinates = { type: 'trunk', id: 'trunk-1', entityNumber: 1, number: '0733123123', name: '' };
const CALL: HostCall = {
  id: 'call-3250',
  number: 3250,
  externalId: 'log-1',
  startedAt: Date.UTC(2024, 0, 31, 9, 15),
  calling: OUTSIDE,
  called: fakeParty(FAKE_USERS[0]),
  legs: [
    { leg: 'leg-1', party: 3250001, role: 'calling', coordinates: OUTSIDE, answered: true },
    { leg: 'leg-2', party: 3250002, role: 'called', coordinates: fakeParty(FAKE_USERS[0]), answered: true },
  ],
  trunkNumbers: { '0733123123': 1 },
  recorded: true,
  codec: 'PCMA',
};
const WAITING: HostCall = {
  ...CALL,
  id: 'call-3251',
  number: 3251,
  calling: fakeParty(FAKE_USERS[1]),
  called: { type: 'flow', id: 'flow-1', entityNumber: 1, number: 'welcome', name: 'Welcome' },
  legs: [{ leg: 'leg-3', party: 3251001, role: 'calling', coordinates: fakeParty(FAKE_USERS[1]), answered: true }],
  trunkNumbers: {},
};

const STEP: ResponderNode = {
  number: 0,
  parent: null,
  key: null,
  label: 'Root',
  message: 'support.wav',
  audio: true,
  loop: false,
  input: 'length',
  inputLength: 6,
  terminator: '#',
  pauseMs: 3000,
  waitMs: 10_000,
  action: 'script',
  keys: [{ key: '1', outcome: 'wrong' }],
  backKey: null,
  back: 'back',
  target: null,
  script: 'http://my_server/pin.php',
  tag: -1,
};
const RESPONDER: readonly ResponderNode[] = [
  STEP,
  {
    ...STEP,
    number: 1,
    parent: 0,
    key: '1',
    label: 'Wrong',
    input: 'none',
    action: 'call',
    keys: [],
    target: { type: 'user', id: '35' },
    script: '',
  },
];

export function fakeHost(): FakeHost {
  const asked: string[] = [];
  const contacts = new Map<number, HostContact>();
  const byExternal = (scheme: string, value: string) =>
    [...contacts.values()].find(({ external }) => external?.scheme === scheme && external.value === value);
  const write = (known: HostContact | null, patch: ContactPatch, external: HostContact['external']): HostContact => {
    const { numbers = {}, ...fields } = patch;
    const kept = (known?.numbers ?? []).filter(({ kind }) => !(kind in numbers));
    const added = Object.entries(numbers).flatMap(([kind, number]) => (number === '' ? [] : [{ kind, number }]));
    const empty = { givenName: '', familyName: '', organisation: '', email: null, favourite: false, data: {} };
    const number = known?.number ?? contacts.size + 1;
    const contact = {
      ...empty,
      ...known,
      ...fields,
      number,
      numbers: [...kept, ...added],
      external: external ?? known?.external ?? null,
    };
    contacts.set(number, contact);
    return contact;
  };
  return {
    asked,
    now: () => Date.UTC(2024, 0, 31, 9, 15),
    timeZone: 'Europe/Rome',
    users: async ({ extension, number } = {}) =>
      FAKE_USERS.filter(
        (one) =>
          (extension === undefined || one.extension === extension) && (number === undefined || one.number === number),
      ),
    groups: async () => [
      {
        kind: 'ring-group',
        id: 'group-1',
        number: 1,
        name: 'Support',
        strategy: 'all',
        broadcast: false,
        visible: true,
        memberLogin: true,
        pickupDisabled: false,
        followDiversion: false,
        members: FAKE_USERS.slice(0, 2).map(({ id }) => id),
      },
      {
        kind: 'queue',
        id: 'queue-1',
        number: 1,
        name: 'Hotline',
        strategy: 'longest-idle',
        broadcast: false,
        visible: true,
        memberLogin: true,
        pickupDisabled: true,
        followDiversion: false,
        members: [],
      },
    ],
    trunks: async () => [
      {
        id: 'trunk-1',
        number: 2,
        name: 'Carrier',
        kind: 'carrier',
        enabled: true,
        state: 'registered',
        lines: 10,
        busyLines: 1,
        hostPort: '192.0.2.1:5060',
      },
    ],
    devicesOf: async (userId) =>
      userId === FAKE_USERS[0].id
        ? [{ number: 7, type: 'sip', userAgent: 'Phone/1', address: '192.0.2.7:5060', registered: true }]
        : [],
    userOfDevice: async (number) => (number === 7 ? FAKE_USERS[0].id : null),
    flows: async () => [
      { id: 'flow-1', number: 1, name: 'welcome', title: 'Welcome' },
      { id: 'flow-2', number: 2, name: 'support', title: 'Support' },
    ],
    responders: async () => new Map([['flow-2', RESPONDER]]),
    boxes: async () => [
      { id: 'box-1', number: 1, name: 'Reception', extension: '790', newMessages: true, newRecordings: false },
    ],
    slots: async () => [{ id: 'slot-1', number: 1, name: 'Park', extension: '792', parked: null }],
    rooms: async () => [{ id: 'room-1', number: 1, name: 'Board', extension: '791' }],
    departments: async () => [{ id: 'department-1', number: 1, name: 'Sales', extension: '' }],
    call: async (number) => [CALL, WAITING].find((call) => call.number === number) ?? null,
    calls: async () => [CALL],
    history: async () => [],
    connect: async ({ first, second, externalId }) => {
      const sees = ({ shown }: typeof first) => (shown === undefined ? '' : ` sees ${shown}`);
      const [one, other] = [first, second].map(
        ({ to, devices }) => `${to.type}:${to.id}${devices ? `/${devices}` : ''}`,
      );
      asked.push(`connect ${one}${sees(first)} ${other}${sees(second)} ${externalId ?? '-'}`);
      return 'done';
    },
    control: async (callId, action) => {
      asked.push(`control ${callId} ${JSON.stringify(action)}`);
      return 'done';
    },
    setMode: async (userId, mode, number) => {
      asked.push(`mode ${userId} ${mode} ${number ?? '-'}`);
      return true;
    },
    searchContacts: async (search) =>
      [...contacts.values()].filter((one) => JSON.stringify(one).toLowerCase().includes(search.toLowerCase())),
    contact: async (by) => ('number' in by ? contacts.get(by.number) : byExternal(by.scheme, by.value)) ?? null,
    writeContact: async (number, patch, external) => {
      const known = number === null ? null : (contacts.get(number) ?? null);
      if (number !== null && known === null) return null;
      return { number: write(known, patch, external).number, act: known ? 'update' : 'insert' };
    },
    importContacts: async (scheme, all) =>
      all.map(({ value, patch }) => {
        const known = byExternal(scheme, value) ?? null;
        return { number: write(known, patch, { scheme, value }).number, act: known ? 'update' : 'insert' };
      }),
    deleteContact: async (number) => contacts.delete(number),
  };
}
