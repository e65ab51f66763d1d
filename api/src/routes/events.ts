/** Live events: facts of a company's calls as server-sent events (WHATWG HTML §9.2), resumed by `Last-Event-ID`. */
import { callRoutes as routes } from '@callwright/api-contract';
import type { Arrival, ArrivedRecord } from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { type EventSink, streamEvents } from '../live/event-stream.ts';
import type { LiveFeed } from '../live/live-feed.ts';
import { ApiError } from '../problem.ts';
import { recordView } from './calls.ts';

const EVENT_ID = /^([0-9]{1,19})-([0-9]{1,15})$/;

function placeOf(text: string | undefined): Arrival | null {
  if (text === undefined || text === '') return null;
  const match = EVENT_ID.exec(text);
  if (!match)
    throw new ApiError('API_BAD_REQUEST', { errors: [{ path: 'headers.last-event-id', message: 'is no event id' }] });
  return { tx: match[1]!, seq: Number(match[2]!) };
}

export function eventHandlers(services: Services, live: LiveFeed): Implementation[] {
  return [
    implement(routes.streamEvents, async ({ query }, context) => {
      const header = context.request.headers['last-event-id'];
      const after = placeOf(typeof header === 'string' ? header : query.after);
      const { companyId } = context.company;
      const take = (record: ArrivedRecord, send: EventSink['send']): void => {
        if (query.call !== undefined && record.call_id !== query.call) return;
        send(`${record.tx}-${record.seq}`, record.type, { callId: record.call_id, ...recordView(record) });
      };
      streamEvents(services, context, ({ send, end }) =>
        live.subscribe({ companyId, after, take: (record) => take(record, send), failed: end }),
      );
    }),
  ];
}
