/** What other applications call the company's entities. */
import * as z from 'zod';
import { Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const type = z.enum([
  'user',
  'device',
  'ring-group',
  'number',
  'calendar',
  'site',
  'department',
  'voicemail',
  'meeting-room',
  'park-slot',
  'phonebook',
  'contact',
  'flow',
]);
const name = { scheme: z.string().min(1).max(60), value: z.string().min(1).max(200) };

export const ExternalId = z.strictObject({ ...name, type, id: Uuid }).meta({ id: 'ExternalId' });

const shared = { path: '/external-ids', tag: 'external-ids', company: true } as const;

export const externalIdRoutes = {
  listExternalIds: defineRoute({
    ...shared,
    id: 'listExternalIds',
    method: 'GET',
    summary: 'External ids of an entity, or the entity of an external id; at most 500',
    scope: 'read',
    query: { type, id: Uuid.optional(), scheme: name.scheme.optional(), value: name.value.optional() },
    body: null,
    answer: z.strictObject({ items: z.array(ExternalId) }),
  }),
  putExternalId: defineRoute({
    ...shared,
    id: 'putExternalId',
    method: 'PUT',
    summary: 'Say what another application calls an entity',
    scope: 'directory',
    body: ExternalId,
    answer: null,
    errors: ['API_NAME_TAKEN', 'API_UNKNOWN_REFERENCE'],
  }),
  deleteExternalId: defineRoute({
    ...shared,
    id: 'deleteExternalId',
    method: 'DELETE',
    summary: 'Forget an external id',
    scope: 'directory',
    query: { type, ...name },
    body: null,
    answer: null,
    errors: ['API_NOT_FOUND'],
  }),
};
