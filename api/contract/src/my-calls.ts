/** A user's calls of the moment: with whom, in which state, and who that is in the address books. */
import { Coordinates } from '@callwright/engine/protocol';
import * as z from 'zod';
import { Direction } from './calls.ts';
import { Time, Uuid } from './fields.ts';
import { Contact } from './phonebooks.ts';
import { defineRoute } from './route.ts';

/** A caption and what stands under it, as another application keeps them with a contact. */
export const ContactDetail = z.strictObject({ caption: z.string(), value: z.string() }).meta({ id: 'ContactDetail' });

export const MyCall = z
  .strictObject({
    id: Uuid,
    number: z.number().int(),
    externalId: z.string().nullable(),
    direction: Direction,
    leg: z.string().meta({ description: 'The user’s own leg: what commands of calls name' }),
    role: z.enum(['calling', 'called']),
    state: z.enum(['ringing', 'talking', 'held']).meta({ description: 'Of the own leg; `held`: by the user' }),
    startedAt: Time,
    answeredAt: Time.nullable(),
    other: Coordinates.meta({ description: 'Whom the user faces' }),
    called: Coordinates.meta({ description: 'Whom the call was for' }),
    contact: Contact.nullable().meta({
      description: 'Who has the other’s number, in the address books that the user sees, best first',
    }),
    details: z.array(ContactDetail).meta({ description: 'What the contact’s application wants to be shown' }),
    note: z.string().meta({ description: 'Written by whoever sent the call here' }),
    recorded: z.boolean(),
  })
  .meta({ id: 'MyCall' });

const self = { scope: 'self', company: true, tag: 'me' } as const;

export const myCallRoutes = {
  listMyCalls: defineRoute({
    ...self,
    id: 'listMyCalls',
    method: 'GET',
    path: '/me/calls',
    summary: 'One’s own calls that ring or are up, with the contact of whoever is on the other side',
    body: null,
    answer: z.strictObject({ items: z.array(MyCall) }),
    errors: ['API_NOT_FOUND'],
  }),
  watchMyCalls: defineRoute({
    ...self,
    id: 'watchMyCalls',
    method: 'GET',
    path: '/me/calls/events',
    summary:
      'One’s own calls whenever something happens to them: server-sent events named `calls`, each with the whole list as of `GET /me/calls`',
    body: null,
    answer: 'events',
    errors: ['API_NOT_FOUND'],
  }),
};
