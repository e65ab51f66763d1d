/** What became of a flow's calls: replay of yesterday's calls against a draft or another revision. */
import { Coordinates } from '@callwright/engine/protocol';
import * as z from 'zod';
import { NumberText, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

/** `same`: the same way. `other-way`: another way to the same people. `elsewhere`: other people or another end are reached. `unknown`: the records do not say how it goes on. `unreadable`: they do not tell the call. */
export const ReplayVerdict = z.enum(['same', 'other-way', 'elsewhere', 'unknown', 'unreadable']);

const Step = z.strictObject({ node: z.string(), outcome: z.string() });
const Side = z.strictObject({
  path: z.array(Step),
  /** Whom the flow tried to reach, in order: `user <id>`, `group <id>`, `number <number>` … */
  reached: z.array(z.string()),
  end: z.strictObject({ kind: z.enum(['ended', 'left', 'unknown']), node: z.string().nullable() }),
});

export const ReplayedCall = z
  .strictObject({
    call: z.strictObject({
      id: Uuid,
      number: z.number().int(),
      revision: z.string(),
      calling: Coordinates,
      called: Coordinates,
      createdAt: Time,
    }),
    verdict: ReplayVerdict,
    /** The first step that differs; a side that has none there is null. */
    divergence: z.strictObject({ index: z.number().int(), before: Step.nullable(), after: Step.nullable() }).nullable(),
    before: Side.nullable(),
    after: Side.nullable(),
  })
  .meta({ id: 'ReplayedCall' });

export const flowHistoryRoutes = {
  replayFlow: defineRoute({
    scope: 'flows',
    company: true,
    id: 'replayFlow',
    method: 'POST',
    path: '/flows/:id/replay',
    tag: 'flows',
    summary:
      'Take calls that are over, newest first, through the draft or another revision, and say which would now go differently',
    params: { id: Uuid },
    body: z.strictObject({
      /** A revision number, or `draft`. */
      against: z.union([z.literal('draft'), z.number().int().min(1).max(2_000_000_000)]).default('draft'),
      /** Default: a day before `to`. */
      from: Time.optional(),
      /** Default: now. */
      to: Time.optional(),
      /** `next` of the answer before. */
      cursor: NumberText.optional(),
      /** Calls of one request. */
      limit: z.number().int().min(1).max(200).default(50),
    }),
    answer: z.strictObject({ items: z.array(ReplayedCall), next: z.string().nullable() }),
    errors: ['API_FLOW_INVALID'],
  }),
};
