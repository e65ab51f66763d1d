/** Every resource with a generic page: one declaration each. A new area of the API is added here, and its words to `resources.json`. */
import { routes } from '@callwright/api-contract';
import {
  IconBuilding,
  IconCalendarTime,
  IconHash,
  IconKey,
  IconUserShield,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { FieldHint, Resource, Row } from './resource.ts';

const fullName = (row: Row): string =>
  [row.givenName, row.familyName].filter(Boolean).join(' ') || String(row.extension ?? '');

export const RESOURCES: readonly Resource[] = [
  {
    key: 'users',
    icon: IconUsers,
    section: 'directory',
    scope: 'read',
    list: routes.listUsers,
    create: routes.createUser,
    update: routes.updateUser,
    remove: routes.deleteUser,
    columns: ['extension', 'givenName', 'familyName', 'email', 'registered'],
    nameOf: (row) => `${fullName(row)} (${row.extension})`,
    pageOf: ({ id }) => `/users/${id}`,
  },
  {
    key: 'ring-groups',
    icon: IconUsersGroup,
    section: 'directory',
    scope: 'read',
    list: routes.listRingGroups,
    create: routes.createRingGroup,
    update: routes.updateRingGroup,
    remove: routes.deleteRingGroup,
    columns: ['name', 'extension', 'strategy', 'members'],
  },
  {
    key: 'numbers',
    icon: IconHash,
    section: 'routing',
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
    icon: IconCalendarTime,
    section: 'routing',
    scope: 'read',
    list: routes.listCalendars,
    create: routes.createCalendar,
    update: routes.updateCalendar,
    remove: routes.deleteCalendar,
    columns: ['name', 'hours'],
  },
  {
    key: 'accounts',
    icon: IconUserShield,
    section: 'system',
    scope: 'admin',
    list: routes.listAccounts,
    create: routes.createAccount,
    update: routes.updateAccount,
    columns: ['email', 'name', 'role', 'disabled', 'ownerId'],
    nameOf: ({ email }) => String(email),
  },
  {
    key: 'api-keys',
    icon: IconKey,
    section: 'system',
    scope: 'admin',
    list: routes.listApiKeys,
    create: routes.createApiKey,
    remove: routes.revokeApiKey,
    columns: ['name', 'prefix', 'scopes', 'lastUsedAt', 'revoked'],
    secret: 'key',
  },
  {
    key: 'owners',
    icon: IconBuilding,
    section: 'system',
    scope: 'admin',
    list: routes.listOwners,
    create: routes.createOwner,
    update: routes.updateOwner,
    columns: ['name', 'kind', 'suspended', 'createdAt'],
    pageOf: ({ id }) => `/owners/${id}`,
  },
];

/** Entities that other resources' forms choose from, beside the resources themselves. */
export const CHOICES: Readonly<Record<string, Resource['list']>> = {
  ...Object.fromEntries(RESOURCES.map(({ key, list }) => [key, list])),
  flows: routes.listFlows,
};

/** What a field's name means in any form, unless its resource says otherwise. */
export const FIELDS: Readonly<Record<string, FieldHint>> = {
  userId: { field: 'entity', resource: 'users' },
  ownerId: { field: 'entity', resource: 'owners' },
  parentId: { field: 'entity', resource: 'owners' },
  homeCompany: { field: 'entity', resource: 'owners' },
  members: { field: 'entities', resource: 'users' },
  destination: { field: 'destination' },
  hours: { field: 'hours' },
  password: { field: 'password' },
};

/** Destinations that can be chosen, each from its list. The API refuses what it does not know. */
export const DESTINATIONS: Readonly<Record<string, string>> = {
  flow: 'flows',
  user: 'users',
  'ring-group': 'ring-groups',
};

export const resourceOf = (key: string): Resource | undefined => RESOURCES.find((r) => r.key === key);
