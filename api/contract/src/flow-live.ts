/** A flow as its calls live it: who is where now, how often each way was taken, and the flow of a revision that a call names. */
import { Coordinates } from '@callwright/engine/protocol';
import * as z from 'zod';
import { Direction } from './calls.ts';
import { NumberText, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const id = { id: Uuid };
const read = { scope: 'read', company: true, method: 'GET', tag: 'flows', body: null } as const;
const count = z.number().int().nonnegative();

export const FlowCall = z
  .strictObject({
    id: Uuid,
    number: z.number().int(),
    direction: Direction,
    calling: Coordinates,
    called: Coordinates,
    startedAt: Time,
    /** The revision it runs, and its number; a draft that is tried has none. */
    revision: z.string(),
    version: z.number().int().nullable(),
    /** `node`, or `calling-node/node` inside a sub-flow; null between nodes. */
    node: z.string().nullable(),
    /** When it came there. */
    since: Time.nullable(),
    /** Number of the record that says so: an event with a higher one is newer. */
    step: count,
  })
  .meta({ id: 'FlowCall' });

export const FlowHeat = z
  .strictObject({
    hash: z.string(),
    from: Time,
    to: Time,
    /** Calls counted, newest first; `more` = there are others in that time. */
    calls: count,
    more: z.boolean(),
    nodes: z.array(z.strictObject({ node: z.string(), count })),
    /** Leavings by outcome; a call that ended in the node left it by none. */
    ways: z.array(z.strictObject({ node: z.string(), outcome: z.string(), count })),
  })
  .meta({ id: 'FlowHeat' });

export const flowLiveRoutes = {
  listFlowCalls: defineRoute({
    ...read,
    scope: 'calls',
    id: 'listFlowCalls',
    path: '/flows/:id/live',
    summary: 'Calls that are in the flow now, whichever revision of it they run; kept up to date by `node.*` events',
    params: id,
    answer: z.strictObject({ items: z.array(FlowCall), more: z.boolean() }),
  }),
  getFlowHeat: defineRoute({
    ...read,
    id: 'getFlowHeat',
    path: '/flows/:id/heat',
    summary: 'How often calls came to each node of a revision and left it by each outcome',
    params: id,
    query: {
      version: NumberText.optional().meta({ description: 'Number of the revision; default: the published one' }),
      from: Time.optional().meta({ description: 'Default: 30 days before `to`' }),
      to: Time.optional().meta({ description: 'Default: now' }),
    },
    answer: FlowHeat,
    errors: ['API_NOT_PUBLISHED'],
  }),
  findRevision: defineRoute({
    ...read,
    id: 'findRevision',
    path: '/revisions/:hash',
    summary: 'A revision by the hash that calls name it by, with its flow; one that was only tried has no number',
    params: { hash: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/) },
    answer: z.strictObject({
      hash: z.string(),
      number: z.number().int().nullable(),
      flow: z.strictObject({ id: Uuid, name: z.string(), title: z.string() }),
      closure: z.unknown(),
      layout: z.unknown(),
    }),
  }),
};
