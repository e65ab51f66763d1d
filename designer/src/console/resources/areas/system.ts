/** Who may do what, and what is told to other programs. */
import { routes } from '@callwright/api-contract';
import { IconBuilding, IconKey, IconUserShield } from '@tabler/icons-react';
import type { Resource } from '../resource.ts';

/** In the order of the navigation. */
export const system: readonly Resource[] = [
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
