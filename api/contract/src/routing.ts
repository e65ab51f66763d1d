/** Routing rules and settings, the destinations table, restrictions, spend caps, feature codes, and what would become of a call. */

import { DESTINATION_KINDS } from '@callwright/engine/numbers/kinds';
import { Coordinates, Destination } from '@callwright/engine/protocol';
import { CALLING_ROLES, OPENINGS, RULE_CALLED, RULE_CALLERS } from '@callwright/engine/routing/terms';
import * as z from 'zod';
import { PageQuery, pageOf, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const id = { id: Uuid };
const directory = { scope: 'directory', company: true, tag: 'routing' } as const;
const read = { scope: 'read', company: true, tag: 'routing' } as const;

/** Number pattern, see the guide on routing. */
const Pattern = z.string().min(1).max(400);
const Country = z.string().regex(/^[A-Z]{2}$/);
const minute = z.number().int().min(0).max(1440);
const trunks = z.array(Uuid).max(10);

const ruleFields = {
  name: z.string().max(100),
  enabled: z.boolean(),
  /** Fits only while this calendar is in one of the states in `openings`. */
  calendarId: Uuid.nullable(),
  openings: z.array(z.enum(OPENINGS)).max(3),
  /** Fits only within one of these, in the company's time zone; none: always. */
  times: z
    .array(
      z.strictObject({
        days: z.array(z.number().int().min(1).max(7)).min(1).max(7),
        fromMinute: minute,
        toMinute: minute,
      }),
    )
    .max(50),
  callingRole: z.enum(RULE_CALLERS),
  callingPattern: Pattern.nullable(),
  calledRole: z.enum(RULE_CALLED),
  calledPattern: Pattern.nullable(),
  /** Trunks by which the call may have come; none: any. */
  fromTrunks: trunks,
  /** Where the call goes; `{called}` in the id of type `number` is the number called. */
  destination: Destination,
  /** Trunks to dial an outside number by, best first; none: the company's. */
  viaTrunks: trunks,
  /** Leading characters taken off the number called, and what is put before the rest. */
  strip: z.number().int().min(0).max(20),
  prefix: z.string().regex(/^\+?[0-9*#]{0,20}$/),
};
export const RoutingRuleView = z
  .strictObject({ id: Uuid, position: z.number().int().positive(), ...ruleFields, createdAt: Time })
  .meta({ id: 'RoutingRule' });
export const NewRoutingRule = z.strictObject({
  ...ruleFields,
  name: ruleFields.name.default(''),
  enabled: z.boolean().default(true),
  calendarId: ruleFields.calendarId.default(null),
  openings: ruleFields.openings.default(['open']),
  times: ruleFields.times.default([]),
  callingRole: ruleFields.callingRole.default('any'),
  callingPattern: ruleFields.callingPattern.default(null),
  calledRole: ruleFields.calledRole.default('any'),
  calledPattern: ruleFields.calledPattern.default(null),
  fromTrunks: trunks.default([]),
  viaTrunks: trunks.default([]),
  strip: ruleFields.strip.default(0),
  prefix: ruleFields.prefix.default(''),
});

export const RoutingSettingsView = z
  .strictObject({
    /** Where calls from outside go that nothing else fits. */
    defaultDestination: Destination.nullable(),
    /** For outside numbers, best first; none: every trunk the company may use. */
    trunks,
    emergencyTrunks: trunks,
    /** Calls from outside that withhold their number are refused. */
    rejectAnonymous: z.boolean(),
  })
  .meta({ id: 'RoutingSettings' });

const NumberText = z.string().regex(/^\+?[0-9*#]{1,64}$/);
const explainQuery = {
  dialled: NumberText,
  role: z.enum(CALLING_ROLES).optional().meta({ description: 'Default: user' }),
  user: Uuid.optional().meta({ description: 'The user who calls' }),
  calling: NumberText.optional().meta({ description: 'Calling number; left out: the user’s extension, else withheld' }),
  trunk: Uuid.optional().meta({ description: 'Trunk by which the call comes' }),
  at: Time.optional().meta({ description: 'Default: now' }),
};
const Refused = z.strictObject({ code: z.string(), check: z.string(), by: z.string() });
export const ExplainedRouteView = z
  .strictObject({
    reason: z.string(),
    rule: z.strictObject({ id: Uuid, name: z.string(), position: z.number().int() }).nullable(),
    /** Rules tried before, with the first condition each missed. */
    passed: z.array(z.strictObject({ id: Uuid, name: z.string(), missed: z.string() })),
    destination: Destination.nullable(),
    /** As the call would show it. */
    called: Coordinates,
    /** What the number is: E.164, country, kind, price. */
    number: z.strictObject({
      e164: z.string().nullable(),
      country: z.string().nullable(),
      kind: z.enum(DESTINATION_KINDS),
      label: z.string(),
      microsPerMinute: z.number(),
    }),
    featureAction: z.string().nullable(),
    /** Trunks for an outside number, best first. */
    trunks: z.array(z.string()),
    /** What admission has against it. */
    refused: Refused.nullable(),
  })
  .meta({ id: 'ExplainedRoute' });

export const routingRoutes = {
  listRoutingRules: defineRoute({
    ...read,
    id: 'listRoutingRules',
    method: 'GET',
    path: '/routing-rules',
    summary: 'Routing rules in their order',
    body: null,
    answer: z.strictObject({ items: z.array(RoutingRuleView) }),
  }),
  createRoutingRule: defineRoute({
    ...directory,
    id: 'createRoutingRule',
    method: 'POST',
    path: '/routing-rules',
    summary: 'Add a routing rule at the end',
    body: NewRoutingRule,
    status: 201,
    answer: RoutingRuleView,
    errors: ['API_UNKNOWN_DESTINATION', 'API_UNKNOWN_REFERENCE', 'API_PATTERN_INVALID', 'API_TOO_MANY'],
  }),
  getRoutingRule: defineRoute({
    ...read,
    id: 'getRoutingRule',
    method: 'GET',
    path: '/routing-rules/:id',
    summary: 'One routing rule',
    params: id,
    body: null,
    answer: RoutingRuleView,
  }),
  updateRoutingRule: defineRoute({
    ...directory,
    id: 'updateRoutingRule',
    method: 'PATCH',
    path: '/routing-rules/:id',
    summary: 'Change a routing rule',
    params: id,
    body: z.strictObject(ruleFields).partial(),
    answer: RoutingRuleView,
    errors: ['API_UNKNOWN_DESTINATION', 'API_UNKNOWN_REFERENCE', 'API_PATTERN_INVALID'],
  }),
  deleteRoutingRule: defineRoute({
    ...directory,
    id: 'deleteRoutingRule',
    method: 'DELETE',
    path: '/routing-rules/:id',
    summary: 'Delete a routing rule',
    params: id,
    body: null,
    answer: null,
  }),
  orderRoutingRules: defineRoute({
    ...directory,
    id: 'orderRoutingRules',
    method: 'PUT',
    path: '/routing-rules',
    summary: 'Put all routing rules into an order',
    body: z.strictObject({ ids: z.array(Uuid).max(500) }),
    answer: z.strictObject({ items: z.array(RoutingRuleView) }),
    errors: ['API_UNKNOWN_REFERENCE'],
  }),
  getRoutingSettings: defineRoute({
    ...read,
    id: 'getRoutingSettings',
    method: 'GET',
    path: '/routing-settings',
    summary: 'Default destination, trunks, calls without number',
    body: null,
    answer: RoutingSettingsView,
  }),
  putRoutingSettings: defineRoute({
    ...directory,
    id: 'putRoutingSettings',
    method: 'PUT',
    path: '/routing-settings',
    summary: 'Set default destination, trunks, calls without number',
    body: RoutingSettingsView,
    answer: RoutingSettingsView,
    errors: ['API_UNKNOWN_DESTINATION', 'API_UNKNOWN_REFERENCE'],
  }),
  explainRoute: defineRoute({
    ...read,
    id: 'explainRoute',
    method: 'GET',
    path: '/routing/explain',
    summary: 'What would become of a call, by which rule, and what admission says; nothing is placed',
    query: explainQuery,
    body: null,
    answer: ExplainedRouteView,
    errors: ['API_UNKNOWN_REFERENCE'],
  }),
  listDestinationTypes: defineRoute({
    ...read,
    id: 'listDestinationTypes',
    method: 'GET',
    path: '/destination-types',
    summary: 'What rules, numbers and defaults may lead to',
    body: null,
    answer: z.strictObject({ items: z.array(z.string()) }),
  }),
};

/* ---- feature codes ---- */

const codeFields = {
  code: z.string().regex(/^[*#]?[0-9*#]{1,9}$/),
  action: z.string().min(1).max(60),
  options: z.record(z.string().max(40), z.string().max(400)),
  enabled: z.boolean(),
};
export const FeatureCodeView = z
  .strictObject({ /** Null: a default that no row replaces. */ id: Uuid.nullable(), ...codeFields })
  .meta({ id: 'FeatureCode' });

export const featureCodeRoutes = {
  listFeatureCodes: defineRoute({
    ...read,
    id: 'listFeatureCodes',
    method: 'GET',
    path: '/feature-codes',
    summary: 'Feature codes: the company’s own and the defaults',
    body: null,
    answer: z.strictObject({ items: z.array(FeatureCodeView) }),
  }),
  createFeatureCode: defineRoute({
    ...directory,
    id: 'createFeatureCode',
    method: 'POST',
    path: '/feature-codes',
    summary: 'Give an action a code, in place of its default',
    body: z.strictObject({
      ...codeFields,
      options: codeFields.options.default({}),
      enabled: z.boolean().default(true),
    }),
    status: 201,
    answer: FeatureCodeView,
    errors: ['API_NAME_TAKEN', 'API_UNKNOWN_ACTION'],
  }),
  updateFeatureCode: defineRoute({
    ...directory,
    id: 'updateFeatureCode',
    method: 'PATCH',
    path: '/feature-codes/:id',
    summary: 'Change a feature code',
    params: id,
    body: z.strictObject(codeFields).partial(),
    answer: FeatureCodeView,
    errors: ['API_NAME_TAKEN', 'API_UNKNOWN_ACTION'],
  }),
  deleteFeatureCode: defineRoute({
    ...directory,
    id: 'deleteFeatureCode',
    method: 'DELETE',
    path: '/feature-codes/:id',
    summary: 'Delete a feature code; its action has its default again',
    params: id,
    body: null,
    answer: null,
  }),
  listFeatureActions: defineRoute({
    ...read,
    id: 'listFeatureActions',
    method: 'GET',
    path: '/feature-actions',
    summary: 'What a feature code can do',
    body: null,
    answer: z.strictObject({
      items: z.array(
        z.strictObject({
          action: z.string(),
          argument: z.enum(['none', 'optional', 'required']),
          defaultCode: z.string().nullable(),
        }),
      ),
    }),
  }),
};

/* ---- the destinations table, restrictions, spend ---- */

const prefixFields = {
  /** E.164 prefix with `+`, or the beginning of a short code. */
  prefix: z.string().regex(/^\+?[0-9]{1,15}$/),
  country: Country.nullable(),
  /** Null: as the country's numbering plan says. */
  kind: z.enum(DESTINATION_KINDS).nullable(),
  label: z.string().max(100),
  /** Millionths of the currency unit; null: no price here. */
  microsPerMinute: z.number().int().min(0).max(1_000_000_000_000).nullable(),
};
export const NumberPrefixView = z
  .strictObject({ id: Uuid, ownerId: Uuid, ...prefixFields, createdAt: Time })
  .meta({ id: 'NumberPrefix' });

const restrictionFields = {
  name: z.string().max(100),
  position: z.number().int().min(0).max(100_000),
  effect: z.enum(['allow', 'deny']),
  /** None: all kinds. */
  kinds: z.array(z.enum(DESTINATION_KINDS)).max(8),
  /** None: all countries. */
  countries: z.array(Country).max(300),
  pattern: Pattern.nullable(),
};
export const CallRestrictionView = z
  .strictObject({ id: Uuid, ownerId: Uuid, userId: Uuid.nullable(), ...restrictionFields, createdAt: Time })
  .meta({ id: 'CallRestriction' });

export const SpendCapView = z
  .strictObject({
    /** Null: the whole company's. */
    userId: Uuid.nullable(),
    microsPerMonth: z.number().int().min(0),
    /** Spent this month, in millionths of the currency unit. */
    micros: z.number().min(0),
  })
  .meta({ id: 'SpendCap' });

const ownersRead = { scope: 'read', tag: 'restrictions' } as const;
const ownersWrite = { scope: 'directory', tag: 'restrictions' } as const;
const owner = { owner: Uuid.optional().meta({ description: 'Default: the asking owner' }) };
/** Owner meant; default: the asker's own. */
const ownerId = Uuid.optional();

export const restrictionRoutes = {
  listNumberPrefixes: defineRoute({
    ...ownersRead,
    id: 'listNumberPrefixes',
    method: 'GET',
    path: '/number-prefixes',
    summary: 'Destinations table of an owner',
    query: { ...PageQuery, ...owner },
    body: null,
    answer: pageOf(NumberPrefixView),
  }),
  createNumberPrefix: defineRoute({
    ...ownersWrite,
    id: 'createNumberPrefix',
    method: 'POST',
    path: '/number-prefixes',
    summary: 'Say what numbers with a prefix are and cost',
    body: z.strictObject({
      ownerId,
      ...prefixFields,
      country: prefixFields.country.default(null),
      kind: prefixFields.kind.default(null),
      label: prefixFields.label.default(''),
      microsPerMinute: prefixFields.microsPerMinute.default(null),
    }),
    status: 201,
    answer: NumberPrefixView,
    errors: ['API_NAME_TAKEN', 'API_NOT_FOUND'],
  }),
  updateNumberPrefix: defineRoute({
    ...ownersWrite,
    id: 'updateNumberPrefix',
    method: 'PATCH',
    path: '/number-prefixes/:id',
    summary: 'Change a row of the destinations table',
    params: id,
    body: z.strictObject(prefixFields).partial(),
    answer: NumberPrefixView,
    errors: ['API_NAME_TAKEN'],
  }),
  deleteNumberPrefix: defineRoute({
    ...ownersWrite,
    id: 'deleteNumberPrefix',
    method: 'DELETE',
    path: '/number-prefixes/:id',
    summary: 'Delete a row of the destinations table',
    params: id,
    body: null,
    answer: null,
  }),
  listCallRestrictions: defineRoute({
    ...ownersRead,
    id: 'listCallRestrictions',
    method: 'GET',
    path: '/call-restrictions',
    summary: 'Restrictions of an owner and of its users',
    query: owner,
    body: null,
    answer: z.strictObject({ items: z.array(CallRestrictionView) }),
    errors: ['API_NOT_FOUND'],
  }),
  createCallRestriction: defineRoute({
    ...ownersWrite,
    id: 'createCallRestriction',
    method: 'POST',
    path: '/call-restrictions',
    summary: 'Allow or deny calls to destinations, for an owner and all below it or for one user',
    body: z.strictObject({
      ownerId,
      userId: Uuid.nullable().default(null),
      ...restrictionFields,
      name: restrictionFields.name.default(''),
      position: restrictionFields.position.default(0),
      kinds: restrictionFields.kinds.default([]),
      countries: restrictionFields.countries.default([]),
      pattern: restrictionFields.pattern.default(null),
    }),
    status: 201,
    answer: CallRestrictionView,
    errors: ['API_NOT_FOUND', 'API_PATTERN_INVALID'],
  }),
  updateCallRestriction: defineRoute({
    ...ownersWrite,
    id: 'updateCallRestriction',
    method: 'PATCH',
    path: '/call-restrictions/:id',
    summary: 'Change a restriction',
    params: id,
    body: z.strictObject(restrictionFields).partial(),
    answer: CallRestrictionView,
    errors: ['API_PATTERN_INVALID'],
  }),
  deleteCallRestriction: defineRoute({
    ...ownersWrite,
    id: 'deleteCallRestriction',
    method: 'DELETE',
    path: '/call-restrictions/:id',
    summary: 'Delete a restriction',
    params: id,
    body: null,
    answer: null,
  }),
  listSpendCaps: defineRoute({
    ...read,
    tag: 'restrictions',
    id: 'listSpendCaps',
    method: 'GET',
    path: '/spend-caps',
    summary: 'Spend caps of the company and its users, with what is spent this month',
    body: null,
    answer: z.strictObject({ items: z.array(SpendCapView) }),
  }),
  putSpendCap: defineRoute({
    ...directory,
    tag: 'restrictions',
    id: 'putSpendCap',
    method: 'PUT',
    path: '/spend-caps',
    summary: 'Set or take away the cap of the company or of a user',
    body: z.strictObject({
      userId: Uuid.nullable().default(null),
      microsPerMonth: z.number().int().min(0).max(1_000_000_000_000_000).nullable(),
    }),
    answer: z.strictObject({ items: z.array(SpendCapView) }),
    errors: ['API_UNKNOWN_REFERENCE'],
  }),
};
