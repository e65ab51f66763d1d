/** get_entities (V-030…V-037), a container for each type of T1. */
import type { HostUser } from '../src/host.ts';
import { type Ask, neededWhole, type Service, whole, wrong } from './ask.ts';
import { ivrs } from './responders.ts';
import { chatStatus, ENTITY, entityId, GATEWAY_STATUS, GATEWAY_TYPE, ringMode, STATUS, TERMINAL } from './tables.ts';
import { localTime, Refused, success, type Xml } from './voispeed.codec.ts';

const bit = (on: boolean): number => (on ? 1 : 0);
const identity = ({ givenName, familyName }: HostUser): string => `${givenName} ${familyName}`.trim();

/** An entity with its number, as an element. */
export interface Listed {
  readonly number: number;
  readonly xml: Xml;
}
export type Lister = (ask: Ask) => Promise<readonly Listed[]>;

const users: Lister = async ({ host }) =>
  (await host.users()).map((user) => ({
    number: user.number,
    xml: [
      'user',
      [
        ['id', user.number],
        ['name', user.givenName],
        ['surname', user.familyName],
        ['extension', user.extension],
        ['email', user.email ?? ''],
        ['chat_status', chatStatus(user)],
        ['av_status', STATUS[user.presence] ?? 0],
        ['numoffice', user.numbers.office ?? ''],
        ['numhome', user.numbers.home ?? ''],
        ['nummobile', user.numbers.mobile ?? ''],
        ['numfax', user.numbers.fax ?? ''],
        ['phrase', user.phrase],
      ],
    ],
  }));

const groups: Lister = async ({ host }) => {
  const [all, people] = await Promise.all([host.groups(), host.users()]);
  const byId = new Map(people.map((user) => [user.id, user]));
  const member = (user: HostUser): Xml => [
    'user',
    [
      ['id', user.number],
      ['identity', identity(user)],
      ['extension', user.extension],
    ],
  ];
  return all.map((group) => ({
    number: entityId({ type: group.kind, entityNumber: group.number })!,
    xml: [
      'group',
      [
        ['id', entityId({ type: group.kind, entityNumber: group.number })!],
        ['name', group.name],
        ['is_broadcast', bit(group.broadcast)],
        ['visible', bit(group.visible)],
        ['member_login', bit(group.memberLogin)],
        ['pick_disabled', bit(group.pickupDisabled)],
        ['ring_mode', ringMode(group)],
        ['users', group.members.flatMap((id) => (byId.has(id) ? [member(byId.get(id)!)] : []))],
      ],
    ],
  }));
};

/** Lines of a trunk that has no limit. */
const UNLIMITED = 999;

const gateways: Lister = async ({ host }) =>
  (await host.trunks()).map((trunk) => ({
    number: trunk.number,
    xml: [
      'gateway',
      [
        ['id', trunk.number],
        ['name', trunk.name],
        ['type', GATEWAY_TYPE[trunk.kind] ?? 0],
        ['enabled', bit(trunk.enabled)],
        ['link_status', GATEWAY_STATUS[trunk.state] ?? 1],
        ['lines', trunk.lines ?? UNLIMITED],
        ['busy_lines', trunk.busyLines],
        ['host_port', trunk.hostPort],
      ],
    ],
  }));

/** Of one user; of nobody when none is named (V-030). */
const terminals: Lister = async (ask) => {
  const owner = whole(ask, 'owner_id');
  const [user] = owner === null ? [] : await ask.host.users({ number: owner });
  if (!user) return [];
  return (await ask.host.devicesOf(user.id)).map((device) => ({
    number: device.number,
    xml: [
      'device',
      [
        ['id', device.number],
        ['user_agent', device.userAgent],
        ['device_type', TERMINAL[device.type] ?? 0],
        ['host_port', device.address],
        ['registered', bit(device.registered)],
      ],
    ],
  }));
};

const voicemails: Lister = async ({ host }) =>
  (await host.boxes()).map((box) => ({
    number: box.number,
    xml: [
      'voicemail',
      [
        ['id', box.number],
        ['vmid', box.number],
        ['vmname', box.name],
        ['vmcode', box.extension],
        ['vmtobelisten', bit(box.newMessages)],
        ['rectobelisten', bit(box.newRecordings)],
      ],
    ],
  }));

const parkLines: Lister = async ({ host }) => {
  const [slots, people] = await Promise.all([host.slots(), host.users()]);
  return slots.map(({ number, extension, parked }) => ({
    number,
    xml: [
      'park_line',
      [
        ['id', number],
        ['linecode', extension],
        ['number', parked?.number ?? ''],
        ['name', parked?.name ?? ''],
        ['parktime', parked ? localTime(parked.at, host.timeZone) : ''],
        ['status', parked ? STATUS.busy! : STATUS.available!],
        ['note', parked?.note ?? ''],
        ['user_id', people.find(({ id }) => id === parked?.by)?.number ?? ''],
      ],
    ],
  }));
};

const rooms: Lister = async ({ host }) =>
  (await host.rooms()).map(({ number, name, extension }) => ({
    number,
    xml: [
      'room',
      [
        ['id', number],
        ['name', name],
        ['number', extension],
      ],
    ],
  }));

const departments: Lister = async ({ host }) =>
  (await host.departments()).map(({ number, name }) => ({
    number,
    xml: [
      'department',
      [
        ['id', number],
        ['name', name],
      ],
    ],
  }));

const TYPES: ReadonlyMap<number, readonly [container: string, list: Lister]> = new Map([
  [ENTITY.user, ['users', users]],
  [ENTITY.group, ['groups', groups]],
  [ENTITY.gateway, ['gateways', gateways]],
  [ENTITY.ivr, ['ivrs', ivrs]],
  [ENTITY.terminal, ['devices', terminals]],
  [ENTITY.voicemail, ['voicemails', voicemails]],
  [ENTITY.room, ['rooms', rooms]],
  [ENTITY.park, ['lines', parkLines]],
  [ENTITY.department, ['departments', departments]],
] as const);

export const getEntities: Service = async (ask) => {
  const type = TYPES.get(neededWhole(ask, 'entity_type'));
  if (!type) throw wrong('entity_type');
  const only = whole(ask, 'entity_id');
  const [container, list] = type;
  const listed = (await list(ask)).filter(({ number }) => only === null || number === only);
  if (only !== null && listed.length === 0) throw new Refused('entity not found');
  return success([[container, listed.map(({ xml }) => xml)]]);
};
