/** Erasing a person from a company. */
import * as z from 'zod';
import { Uuid, WrittenNumber } from './fields.ts';
import { defineRoute } from './route.ts';

export const ErasureSubjectInput = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('user'), id: Uuid }),
  z.strictObject({ type: z.literal('contact'), id: Uuid }),
  z.strictObject({ type: z.literal('number'), number: WrittenNumber }),
]);

export const Erasure = z
  .strictObject({
    id: Uuid,
    state: z.enum(['running', 'done']).meta({ description: 'What takes long goes on after the answer: ask again' }),
    dryRun: z.boolean(),
    tables: z.array(
      z.strictObject({
        table: z.string(),
        deleted: z.number().int().meta({ description: 'Rows that are, or would be, gone' }),
        changed: z.number().int().meta({ description: 'Rows made anonymous' }),
        kept: z
          .number()
          .int()
          .meta({ description: 'Rows that the company has set up and that name the subject still' }),
      }),
    ),
    recordings: z.number().int().meta({ description: 'Sound files removed' }),
    liveCalls: z
      .number()
      .int()
      .meta({ description: 'Calls that go on with the subject: erase again when they are over' }),
  })
  .meta({ id: 'Erasure' });

export const erasureRoutes = {
  erase: defineRoute({
    tag: 'directory',
    scope: 'admin',
    company: true,
    id: 'erase',
    method: 'POST',
    path: '/erasures',
    summary: 'Erase a user, a contact or whoever has a number, wherever the company keeps anything of them',
    body: z.strictObject({ subject: ErasureSubjectInput, dryRun: z.boolean().default(false) }),
    answer: Erasure,
    errors: ['API_NOT_FOUND'],
  }),
  getErasure: defineRoute({
    tag: 'directory',
    scope: 'admin',
    company: true,
    id: 'getErasure',
    method: 'GET',
    path: '/erasures/:id',
    summary: 'How far an erasure has come',
    params: { id: Uuid },
    body: null,
    answer: Erasure,
  }),
};
