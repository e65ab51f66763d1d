/** Every resource with a generic page: one declaration each. A new area of the API is added here, and its words to `resources.json`. */
import { routes } from '@callwright/api-contract';
import {
  IconAddressBook,
  IconArrowsExchange,
  IconBook,
  IconBuilding,
  IconCalendarTime,
  IconDeviceLandlinePhone,
  IconHash,
  IconKey,
  IconListCheck,
  IconMailbox,
  IconMapPin,
  IconParking,
  IconUserShield,
  IconUsers,
  IconUsersGroup,
  IconUsersPlus,
} from '@tabler/icons-react';
import type { FieldHint, Resource, Row } from './resource.ts';

const fullName = (row: Row): string =>
  [row.givenName, row.familyName].filter(Boolean).join(' ') || String(row.organisation ?? '');

const directory: readonly Resource[] = [
  {
    key: 'users',
    section: 'directory',
    icon: IconUsers,
    scope: 'read',
    list: routes.listUsers,
    create: routes.createUser,
    update: routes.updateUser,
    remove: routes.deleteUser,
    columns: ['extension', 'givenName', 'familyName', 'email', 'mode', 'registered'],
    first: ['extension', 'givenName', 'familyName', 'email', 'language', 'outboundNumber', 'departmentId', 'siteId'],
    fields: { pin: { field: 'password' } },
    nameOf: (row) => `${fullName(row)} (${row.extension})`.trim(),
    pageOf: ({ id }) => `/users/${id}`,
  },
  {
    key: 'devices',
    section: 'directory',
    icon: IconDeviceLandlinePhone,
    scope: 'read',
    list: routes.listCompanyDevices,
    update: routes.updateDevice,
    remove: routes.deleteDevice,
    columns: ['name', 'type', 'userId', 'registered', 'userAgent', 'address'],
    nameOf: (row) => String(row.name || row.type),
  },
  {
    key: 'ring-groups',
    section: 'directory',
    icon: IconUsersGroup,
    scope: 'read',
    list: routes.listRingGroups,
    create: routes.createRingGroup,
    update: routes.updateRingGroup,
    remove: routes.deleteRingGroup,
    columns: ['name', 'extension', 'strategy', 'members'],
    first: ['name', 'extension', 'strategy', 'members'],
  },
  {
    key: 'departments',
    section: 'directory',
    icon: IconUsersPlus,
    scope: 'read',
    list: routes.listDepartments,
    create: routes.createDepartment,
    update: routes.updateDepartment,
    remove: routes.deleteDepartment,
    columns: ['name', 'parentId', 'createdAt'],
    fields: { parentId: { field: 'entity', resource: 'departments' } },
  },
  {
    key: 'sites',
    section: 'directory',
    icon: IconMapPin,
    scope: 'read',
    list: routes.listSites,
    create: routes.createSite,
    update: routes.updateSite,
    remove: routes.deleteSite,
    columns: ['name', 'street', 'city', 'country', 'main'],
  },
  {
    key: 'phonebooks',
    section: 'directory',
    icon: IconBook,
    scope: 'read',
    list: routes.listPhonebooks,
    create: routes.createPhonebook,
    update: routes.updatePhonebook,
    remove: routes.deletePhonebook,
    columns: ['name', 'kind', 'departmentId', 'userId'],
  },
  {
    key: 'contacts',
    section: 'directory',
    icon: IconAddressBook,
    scope: 'read',
    list: routes.listContacts,
    create: routes.createContact,
    update: routes.updateContact,
    remove: routes.deleteContact,
    columns: ['familyName', 'givenName', 'organisation', 'phonebookId', 'numbers'],
    first: ['phonebookId', 'givenName', 'familyName', 'organisation', 'numbers', 'email'],
    omit: ['data', 'external'],
    nameOf: fullName,
  },
];

const callFeatures: readonly Resource[] = [
  {
    key: 'voicemail-boxes',
    section: 'routing',
    icon: IconMailbox,
    scope: 'read',
    list: routes.listVoicemailBoxes,
    create: routes.createVoicemailBox,
    update: routes.updateVoicemailBox,
    remove: routes.deleteVoicemailBox,
    columns: ['name', 'userId', 'accessNumber', 'email', 'hasPin'],
    first: ['name', 'userId', 'accessNumber', 'email', 'pin'],
    fields: { pin: { field: 'password' } },
  },
  {
    key: 'meeting-rooms',
    section: 'routing',
    icon: IconUsersGroup,
    scope: 'read',
    list: routes.listMeetingRooms,
    create: routes.createMeetingRoom,
    update: routes.updateMeetingRoom,
    remove: routes.deleteMeetingRoom,
    columns: ['name', 'extension', 'maxMembers', 'hasPin'],
    fields: { pin: { field: 'password' }, moderatorPin: { field: 'password' } },
  },
  {
    key: 'park-slots',
    section: 'routing',
    icon: IconParking,
    scope: 'read',
    list: routes.listParkSlots,
    create: routes.createParkSlot,
    update: routes.updateParkSlot,
    remove: routes.deleteParkSlot,
    columns: ['extension', 'name', 'returnMs'],
    nameOf: ({ extension, name }) => String(name || extension),
  },
];

const routing: readonly Resource[] = [
  {
    key: 'numbers',
    section: 'routing',
    icon: IconHash,
    scope: 'read',
    list: routes.listNumbers,
    create: routes.createNumber,
    update: routes.updateNumber,
    remove: routes.deleteNumber,
    columns: ['dialled', 'label', 'kind', 'public', 'destination'],
    nameOf: ({ dialled }) => String(dialled),
  },
  {
    key: 'calendars',
    section: 'routing',
    icon: IconCalendarTime,
    scope: 'read',
    list: routes.listCalendars,
    create: routes.createCalendar,
    update: routes.updateCalendar,
    remove: routes.deleteCalendar,
    columns: ['name', 'hours'],
    omit: ['holidays'],
  },
  ...callFeatures,
  {
    key: 'caller-lists',
    section: 'routing',
    icon: IconListCheck,
    scope: 'read',
    list: routes.listCallerLists,
    create: routes.createCallerList,
    update: routes.updateCallerList,
    remove: routes.deleteCallerList,
    columns: ['name', 'kind', 'ownerId', 'userId', 'entries'],
    pageOf: ({ id }) => `/caller-lists/${id}`,
  },
  {
    key: 'trunks',
    section: 'routing',
    icon: IconArrowsExchange,
    scope: 'read',
    list: routes.listTrunks,
    create: routes.createTrunk,
    update: routes.updateTrunk,
    remove: routes.deleteTrunk,
    columns: ['name', 'mode', 'host', 'state', 'busyLines', 'ownerId'],
    first: ['name', 'mode', 'host', 'port', 'transport', 'authUser', 'secret', 'callerId', 'defaultNumber', 'enabled'],
    fields: { secret: { field: 'password' } },
  },
];

const system: readonly Resource[] = [
  {
    key: 'accounts',
    section: 'system',
    icon: IconUserShield,
    scope: 'admin',
    list: routes.listAccounts,
    create: routes.createAccount,
    update: routes.updateAccount,
    columns: ['email', 'name', 'role', 'disabled', 'ownerId'],
    nameOf: ({ email }) => String(email),
  },
  {
    key: 'api-keys',
    section: 'system',
    icon: IconKey,
    scope: 'admin',
    list: routes.listApiKeys,
    create: routes.createApiKey,
    remove: routes.revokeApiKey,
    columns: ['name', 'prefix', 'scopes', 'lastUsedAt', 'revoked'],
    secret: 'key',
  },
  {
    key: 'owners',
    section: 'system',
    icon: IconBuilding,
    scope: 'admin',
    list: routes.listOwners,
    create: routes.createOwner,
    columns: ['name', 'kind', 'parentId', 'suspended', 'createdAt'],
    first: ['kind', 'name', 'parentId'],
    pageOf: ({ id }) => `/owners/${id}`,
  },
];

export const RESOURCES: readonly Resource[] = [...directory, ...routing, ...system];

/** Entities that forms choose from. */
export const CHOICES: Readonly<Record<string, Resource['list']>> = {
  ...Object.fromEntries(RESOURCES.map(({ key, list }) => [key, list])),
  flows: routes.listFlows,
  prompts: routes.listPrompts,
};

/** What a field's name means in any form, unless its resource says otherwise. */
export const FIELDS: Readonly<Record<string, FieldHint>> = {
  userId: { field: 'entity', resource: 'users' },
  siteId: { field: 'entity', resource: 'sites' },
  departmentId: { field: 'entity', resource: 'departments' },
  phonebookId: { field: 'entity', resource: 'phonebooks' },
  ringbackPromptId: { field: 'entity', resource: 'prompts' },
  ownerId: { field: 'entity', resource: 'owners' },
  parentId: { field: 'entity', resource: 'owners' },
  homeCompany: { field: 'entity', resource: 'owners' },
  destination: { field: 'destination' },
  hours: { field: 'hours' },
  language: { field: 'language' },
  timeZone: { field: 'timeZone' },
  password: { field: 'password' },
};

/** Where the ids of a kind of destination come from: a list, a closed set of words, or what somebody types. */
export type DestinationChoice = { readonly resource: string } | { readonly values: readonly string[] } | 'text';

/** Destinations that can be chosen. The API refuses what it does not know. */
export const DESTINATIONS: Readonly<Record<string, DestinationChoice>> = {
  flow: { resource: 'flows' },
  user: { resource: 'users' },
  'ring-group': { resource: 'ring-groups' },
  number: 'text',
  sip: 'text',
  'hang-up': { values: ['rejected', 'busy', 'unavailable', 'not-found', 'forbidden'] },
};

export const resourceOf = (key: string): Resource | undefined => RESOURCES.find((r) => r.key === key);
