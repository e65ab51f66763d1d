/** Who may do what, and what is told to other programs. */
import { routes } from '@callwright/api-contract';
import { IconBuilding, IconKey, IconUserShield, IconWebhook } from '@tabler/icons-react';
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
    key: 'webhooks',
    section: 'system',
    icon: IconWebhook,
    scope: 'read',
    list: routes.listWebhooks,
    create: routes.createWebhook,
    update: routes.updateWebhook,
    remove: routes.deleteWebhook,
    columns: ['name', 'url', 'events', 'enabled'],
    first: ['name', 'url', 'events', 'enabled'],
    fields: { events: { field: 'tags', resource: 'event-types' } },
    pageOf: ({ id }) => `/webhooks/${id}`,
  },
  {
    key: 'owners',
    section: 'system',
    icon: IconBuilding,
    scope: 'admin',
    list: routes.listOwners,
    create: routes.createOwner,
    remove: routes.deleteOwner,
    columns: ['name', 'kind', 'parentId', 'suspended', 'createdAt'],
    first: ['kind', 'name', 'parentId'],
    pageOf: ({ id }) => `/owners/${id}`,
  },
];
