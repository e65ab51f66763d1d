/** Webhooks: subscriptions, secrets, deliveries; the catalogue of events. */
import { EVENT_VERSION, webhookRoutes as routes, WEBHOOK_EVENTS } from '@callwright/api-contract';
import {
  addDelivery,
  addWebhookSecret,
  type DeliveryView,
  getDelivery,
  listDeliveries,
  listWebhookSecrets,
  removeWebhookSecret,
  resendDeliveries,
  webhooks,
} from '@callwright/store';
import * as z from 'zod';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, isoOrNull, limitOf, numberCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';
import { resourceHandlers } from './resource.ts';

const view = (row: DeliveryView) => ({
  ...row,
  at: iso(row.at),
  dueAt: iso(row.dueAt),
  settledAt: isoOrNull(row.settledAt),
});

const catalogue = Object.entries(WEBHOOK_EVENTS)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([type, schema]) => ({ type, version: EVENT_VERSION, schema: z.toJSONSchema(schema, { io: 'output' }) }));

function deliveryHandlers({ store: { db } }: Services): Implementation[] {
  const known = async ({ company }: Context, id: string): Promise<string> => {
    found(await webhooks.get(db, company, id));
    return id;
  };
  return [
    implement(routes.listWebhookDeliveries, async ({ params, query }, context) => {
      const id = await known(context, params.id);
      const filter = { before: numberCursor(query), limit: limitOf(query), state: query.state };
      const { items, next } = await listDeliveries(db, context.company, id, filter);
      return { items: items.map(view), next };
    }),
    implement(routes.getWebhookDelivery, async ({ params }, { company }) => {
      const delivery = found(await getDelivery(db, company, params.id, Number(params.number)));
      return { ...view(delivery), body: delivery.body, log: delivery.log.map((one) => ({ ...one, at: iso(one.at) })) };
    }),
    implement(routes.resendWebhookDeliveries, async ({ params, body }, context) => {
      const id = await known(context, params.id);
      const resent = await resendDeliveries(db, context.company, id, body.deliveries);
      await context.audit({ action: 'webhook.resent', entity: { type: 'webhook', id }, detail: { resent } });
      return { resent };
    }),
    implement(routes.testWebhook, async ({ params }, { company, mintId }) => {
      const eventId = `test-${mintId}`;
      const type = 'webhook.test';
      const event = { id: eventId, type, version: EVENT_VERSION, at: new Date().toISOString() };
      const body = { ...event, companyId: company.companyId, data: { text: 'This is a test.' } };
      if (!(await addDelivery(db, company, params.id, { id: eventId, type, body })))
        throw new ApiError('API_NOT_FOUND');
      return { eventId };
    }),
  ];
}

export function webhookHandlers(services: Services): Implementation[] {
  const {
    store: { db },
    keyring,
  } = services;
  return [
    ...resourceHandlers(db, routes, ['Webhook', 'Webhooks'], webhooks),
    ...deliveryHandlers(services),
    implement(routes.listWebhookSecrets, async ({ params }, { company }) => {
      found(await webhooks.get(db, company, params.id));
      const secrets = await listWebhookSecrets(db, company, params.id);
      return { items: secrets.map(({ number, createdAt }) => ({ number, createdAt: iso(createdAt) })) };
    }),
    implement(routes.addWebhookSecret, async ({ params }, { company, audit }) => {
      const made = found(await addWebhookSecret(db, company, params.id, keyring));
      if (made === 'full') throw new ApiError('API_TOO_MANY_SECRETS');
      await audit({ action: 'webhook.secret.made', entity: { type: 'webhook', id: params.id } });
      return made;
    }),
    implement(routes.deleteWebhookSecret, async ({ params }, { company, audit }) => {
      if (!(await removeWebhookSecret(db, company, params.id, Number(params.number))))
        throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'webhook.secret.deleted', entity: { type: 'webhook', id: params.id } });
    }),
    implement(routes.listEventTypes, async () => ({ items: catalogue })),
  ];
}
