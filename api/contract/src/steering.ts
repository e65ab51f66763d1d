/** Looking into a running call and steering it through its flow. */
import { Coordinates } from '@callwright/engine/protocol';
import * as z from 'zod';
import { Control } from './calls.ts';
import { Language, Slug, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const id = { id: Uuid };
const calls = { scope: 'calls', company: true } as const;
const command = {
  ...calls,
  method: 'POST',
  tag: 'calls',
  params: id,
  status: 202,
  answer: Control,
} as const;

const LegState = z.enum(['offered', 'dialling', 'ringing', 'answered', 'ended', 'released']);

/** Where a call stands. Personal values and what was keyed in are never in it; a masked variable has no value. */
export const CallStateView = z
  .strictObject({
    life: z.enum(['reaching', 'serving', 'ending', 'ended']),
    /** Null while no flow runs. */
    flow: z
      .strictObject({
        revision: z.string(),
        node: z.string().meta({ description: '`node`, or `calling-node/node` inside a sub-flow' }),
        outcomes: z.array(z.string()).meta({ description: 'By what the node can be left' }),
        waits: z.boolean().meta({ description: 'It waits for `continue`' }),
        variables: z.array(
          z.strictObject({
            flow: z.string(),
            name: z.string(),
            type: z.enum(['string', 'number', 'boolean', 'json']),
            value: z.unknown(),
            masked: z.boolean(),
          }),
        ),
      })
      .nullable(),
    parties: z.array(
      z.strictObject({
        number: z.number().int(),
        role: z.enum(['calling', 'called', 'connected', 'supervising']),
        coordinates: Coordinates,
        left: z.boolean(),
        leg: z
          .strictObject({
            id: z.string(),
            state: LegState,
            direction: z.enum(['inbound', 'outbound']),
            holds: z.boolean(),
            answeredAt: Time.nullable(),
          })
          .nullable(),
      }),
    ),
  })
  .meta({ id: 'CallState' });

export const steeringRoutes = {
  getCallState: defineRoute({
    ...calls,
    id: 'getCallState',
    method: 'GET',
    path: '/calls/:id/state',
    tag: 'calls',
    summary:
      'Where a call stands: node, variables without personal values, parties and legs; null when its records do not tell',
    params: id,
    body: null,
    answer: z.strictObject({ state: CallStateView.nullable() }),
  }),
  skipNode: defineRoute({
    ...command,
    id: 'skipNode',
    path: '/calls/:id/skip',
    summary: 'Leave the running node of the flow by one of its outcomes; checked by the call, see `control.done`',
    body: z.strictObject({
      node: z
        .string()
        .min(1)
        .max(600)
        .nullable()
        .default(null)
        .meta({ description: 'Where the call is believed to be; a call that has gone on is left alone' }),
      outcome: z.string().min(1).max(60).nullable().default(null).meta({ description: 'Null: the node’s first one' }),
    }),
    errors: ['API_CALL_OVER'],
  }),
  sayToCall: defineRoute({
    ...command,
    id: 'sayToCall',
    path: '/calls/:id/say',
    summary:
      'Let a party hear a text or a prompt: what it hears or is asked begins anew afterwards, a conversation goes on below it',
    body: z.strictObject({
      leg: z
        .string()
        .min(1)
        .max(160)
        .nullable()
        .default(null)
        .meta({ description: 'Whose party hears it; null = whoever the call serves' }),
      both: z.boolean().default(false).meta({ description: 'In a conversation: the other side hears it, too' }),
      say: z.discriminatedUnion('type', [
        z.strictObject({
          type: z.literal('text'),
          text: z.string().min(1).max(1000),
          language: Language.nullable().default(null).meta({ description: 'Null: the call’s' }),
        }),
        z.strictObject({ type: z.literal('prompt'), name: Slug }),
      ]),
    }),
    errors: ['API_CALL_OVER', 'API_UNKNOWN_REFERENCE'],
  }),
};
