/** Live events of a company, by server-sent events or by WebSocket, resumed by the place of the last one seen. */
import { callRoutes as routes } from '@callwright/api-contract';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { asksForWebSocket } from '../http/upgrades.ts';
import { type EventFeed, type FedEvent, type GivenPlace, placeOf } from '../live/event-feed.ts';
import { type EventSink, socketEvents, streamEvents } from '../live/event-stream.ts';
import { ApiError } from '../problem.ts';
import { recordView } from './calls.ts';

function givenPlace(text: string | undefined): GivenPlace | null {
  if (text === undefined || text === '') return null;
  const place = placeOf(text);
  if (!place)
    throw new ApiError('API_BAD_REQUEST', { errors: [{ path: 'headers.last-event-id', message: 'is no event id' }] });
  return place;
}

/** As webhooks have it; of a fact also what `GET /calls/:id/records` shows, under the names it has there. */
const sseData = ({ body, record }: FedEvent): object => ({
  ...(body as object),
  ...(record ? recordView(record) : {}),
});

export function eventHandlers(services: Services, feed: EventFeed): Implementation[] {
  return [
    implement(routes.streamEvents, async ({ query }, context) => {
      const header = context.request.headers['last-event-id'];
      const after = givenPlace(typeof header === 'string' ? header : query.after);
      const types = query.types === undefined ? [] : query.types.split(',');
      const { companyId } = context.company;
      const socket = asksForWebSocket(context.request.raw);
      const subscribe = ({ send, begin, drained, end }: EventSink) =>
        feed.subscribe({
          companyId,
          after,
          call: query.call,
          types,
          begun: begin,
          take: (event) => send(event.place, event.type, socket ? event.body : sseData(event)),
          drained,
          failed: end,
        });
      if (!socket) return streamEvents(services, context, subscribe);
      socketEvents(services, context, subscribe, (place, _type, event) => ({ ...(event as object), place }));
    }),
  ];
}
