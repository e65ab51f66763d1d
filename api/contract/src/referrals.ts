/** Click-to-dial by REFER: a phone is asked to call by itself. The other way, by INVITE, is `connectCall`. */
import * as z from 'zod';
import { Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

export const NewReferral = z.strictObject({
  userId: Uuid.meta({ description: 'Whose phone is to call' }),
  number: z
    .string()
    .regex(/^\+?[0-9*#]{1,32}$/)
    .meta({ description: 'What it is to dial: an extension or a number' }),
});

export const Referral = z
  .strictObject({
    id: Uuid,
    userId: Uuid,
    number: z.string(),
    state: z
      .enum(['waiting', 'sent', 'accepted', 'done', 'failed'])
      .meta({ description: '`accepted`: the phone calls; `done`: it was answered, as it says' }),
    sipStatus: z.number().int().nullable(),
    createdAt: Time,
  })
  .meta({ id: 'Referral' });

const common = { scope: 'calls', company: true, tag: 'calls', answer: Referral } as const;

export const referralRoutes = {
  createReferral: defineRoute({
    ...common,
    id: 'createReferral',
    method: 'POST',
    path: '/referrals',
    summary: 'Click-to-dial by REFER: ask a phone of a user to call a number by itself',
    body: NewReferral,
    status: 202,
    errors: ['API_NOT_FOUND'],
  }),
  getReferral: defineRoute({
    ...common,
    id: 'getReferral',
    method: 'GET',
    path: '/referrals/:id',
    summary: 'What became of it',
    params: { id: Uuid },
    body: null,
  }),
};
