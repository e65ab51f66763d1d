/** Every resource with a generic page: one declaration each in `areas`. A new area of the API is added there, and its words to `resources.json`. */
import { routes } from '@callwright/api-contract';
import { directory } from './areas/directory.ts';
import { routing } from './areas/routing.ts';
import { system } from './areas/system.ts';
import type { FieldHint, Resource } from './resource.ts';

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
  calendarId: { field: 'entity', resource: 'calendars' },
  fromTrunks: { field: 'entities', resource: 'trunks' },
  viaTrunks: { field: 'entities', resource: 'trunks' },
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
