/** The directory service (LDAP) that phones search in: of the company, or of one user instead. */
import * as z from 'zod';
import { Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const fields = {
  hostname: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]{1,253}$/)
    .meta({ description: 'Name or address of the server' }),
  port: z.number().int().min(1).max(65_535).nullable().default(null),
  security: z.enum(['none', 'starttls', 'tls']).default('tls'),
  username: z.string().max(400).default('').meta({ description: 'Distinguished name, or as the server knows it' }),
  domain: z.string().max(400).default('').meta({ description: 'Where searches begin' }),
};

export const LdapConnection = z
  .strictObject({
    ...fields,
    hostname: z.string(),
    hasPassword: z.boolean(),
    /** Null: the company's, which counts for every user without one of his own. */
    userId: Uuid.nullable(),
  })
  .meta({ id: 'LdapConnection' });

const Written = z.strictObject({
  ...fields,
  password: z.string().max(400).nullable().optional().meta({ description: 'Left out: as it is; null: none' }),
});

const Secret = z.strictObject({ username: z.string(), password: z.string().nullable() });

const common = { tag: 'users', company: true } as const;
const ofUser = { params: { id: Uuid } } as const;

export const ldapRoutes = {
  getLdapConnection: defineRoute({
    ...common,
    id: 'getLdapConnection',
    method: 'GET',
    path: '/ldap-connection',
    summary: 'The directory service of the company’s phones',
    scope: 'read',
    body: null,
    answer: LdapConnection,
    errors: ['API_NOT_FOUND'],
  }),
  putLdapConnection: defineRoute({
    ...common,
    id: 'putLdapConnection',
    method: 'PUT',
    path: '/ldap-connection',
    summary: 'Set the directory service of the company’s phones',
    scope: 'directory',
    body: Written,
    answer: LdapConnection,
  }),
  deleteLdapConnection: defineRoute({
    ...common,
    id: 'deleteLdapConnection',
    method: 'DELETE',
    path: '/ldap-connection',
    summary: 'The company’s phones have no directory service',
    scope: 'directory',
    body: null,
    answer: null,
    errors: ['API_NOT_FOUND'],
  }),
  showLdapPassword: defineRoute({
    ...common,
    id: 'showLdapPassword',
    method: 'GET',
    path: '/ldap-connection/secret',
    summary: 'Its password; showing it is logged',
    scope: 'secrets',
    body: null,
    answer: Secret,
    errors: ['API_NOT_FOUND'],
  }),
  getUserLdapConnection: defineRoute({
    ...common,
    ...ofUser,
    id: 'getUserLdapConnection',
    method: 'GET',
    path: '/users/:id/ldap-connection',
    summary: 'The directory service of a user’s phones: his own, else the company’s',
    scope: 'read',
    body: null,
    answer: LdapConnection,
  }),
  putUserLdapConnection: defineRoute({
    ...common,
    ...ofUser,
    id: 'putUserLdapConnection',
    method: 'PUT',
    path: '/users/:id/ldap-connection',
    summary: 'Give a user’s phones a directory service of their own',
    scope: 'directory',
    body: Written,
    answer: LdapConnection,
  }),
  deleteUserLdapConnection: defineRoute({
    ...common,
    ...ofUser,
    id: 'deleteUserLdapConnection',
    method: 'DELETE',
    path: '/users/:id/ldap-connection',
    summary: 'A user’s phones use the company’s directory service again',
    scope: 'directory',
    body: null,
    answer: null,
  }),
  showUserLdapPassword: defineRoute({
    ...common,
    ...ofUser,
    id: 'showUserLdapPassword',
    method: 'GET',
    path: '/users/:id/ldap-connection/secret',
    summary: 'Its password; showing it is logged',
    scope: 'secrets',
    body: null,
    answer: Secret,
  }),
};
