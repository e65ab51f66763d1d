/** Every resource with a generic page: one declaration each in `areas`. A new area of the API is added there, and its words to `resources.json`. */
import { routes } from '@callwright/api-contract';
import { directory } from './areas/directory.ts';
import { routing } from './areas/routing.ts';
import { system } from './areas/system.ts';
import type { FieldHint, Resource } from './resource.ts';

export const RESOURCES: readonly Resource[] = [...directory, ...routing, ...system];

/** Where choices come from. */
export interface ChoiceSource {
  readonly list: Resource['list'];
  /** Field of a row that is chosen; default: its id. */
  readonly value?: string;
  /** Field of a row that names it; default: what its resource says, its title or name. */
  readonly label?: string;
  /** The value is a word of a closed set. */
  readonly worded?: boolean;
}

/** Entities that forms choose from. */
export const CHOICES: Readonly<Record<string, ChoiceSource>> = {
  ...Object.fromEntries(RESOURCES.map(({ key, list }) => [key, { list }])),
  flows: { list: routes.listFlows },
  prompts: { list: routes.listPrompts },
  // also those that somebody above shares
  'usable-trunks': { list: routes.listUsableTrunks },
  'feature-actions': { list: routes.listFeatureActions, value: 'action', worded: true },
  'event-types': { list: routes.listEventTypes, value: 'type' },
  'partner-contracts': { list: routes.listPartnerContracts, value: 'name', label: 'label' },
  extensions: { list: routes.listUsers, value: 'extension', label: 'extension' },
};

/** What a field's name means in any form, unless its resource says otherwise. */
export const FIELDS: Readonly<Record<string, FieldHint>> = {
  userId: { field: 'entity', resource: 'users' },
  siteId: { field: 'entity', resource: 'sites' },
  departmentId: { field: 'entity', resource: 'departments' },
  phonebookId: { field: 'entity', resource: 'phonebooks' },
  notifyTrunkId: { field: 'entity', resource: 'usable-trunks' },
  ownerId: { field: 'entity', resource: 'owners' },
  parentId: { field: 'entity', resource: 'owners' },
  calendarId: { field: 'entity', resource: 'calendars' },
  fromTrunks: { field: 'entities', resource: 'usable-trunks' },
  viaTrunks: { field: 'entities', resource: 'usable-trunks' },
  trunks: { field: 'entities', resource: 'usable-trunks' },
  emergencyTrunks: { field: 'entities', resource: 'usable-trunks' },
  homeCompany: { field: 'entity', resource: 'owners' },
  destination: { field: 'destination' },
  defaultDestination: { field: 'destination' },
  fallback: { field: 'destination' },
  microsPerMinute: { field: 'money' },
  microsPerMonth: { field: 'money' },
  micros: { field: 'money' },
  options: { field: 'pairs' },
  hours: { field: 'hours' },
  holidays: { field: 'holidays' },
  language: { field: 'language' },
  timeZone: { field: 'timeZone' },
  password: { field: 'password' },
};

/** What a field means by its name alone; undefined when its schema says enough. */
export function hintOf(name: string): FieldHint | undefined {
  if (/(^p|P)romptId$/.test(name)) return { field: 'entity', resource: 'prompts' };
  return FIELDS[name] ?? (name.endsWith('Ms') ? { field: 'seconds' } : undefined);
}

/** Where the ids of a kind of destination come from: a list, a closed set of words, or what somebody types. */
export type DestinationChoice = { readonly resource: string } | { readonly values: readonly string[] } | 'text';

/** Destinations that can be chosen. The API refuses what it does not know. */
export const DESTINATIONS: Readonly<Record<string, DestinationChoice>> = {
  flow: { resource: 'flows' },
  user: { resource: 'users' },
  'ring-group': { resource: 'ring-groups' },
  queue: { resource: 'queues' },
  voicemail: { resource: 'voicemail-boxes' },
  'meeting-room': { resource: 'meeting-rooms' },
  'park-slot': { resource: 'park-slots' },
  announcement: {
    values: ['unavailable', 'unknown-number', 'suspended', 'restricted', 'too-many-calls', 'plan-only', 'spend-cap'],
  },
  number: 'text',
  sip: 'text',
  'hang-up': { values: ['rejected', 'busy', 'unavailable', 'not-found', 'forbidden'] },
};

export const resourceOf = (key: string): Resource | undefined => RESOURCES.find((r) => r.key === key);
