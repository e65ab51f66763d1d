/** A user's calls of the moment, once or as they change, with who is on the other side. */
import { myCallRoutes as routes } from '@callwright/api-contract';
import type { JsonValue } from '@callwright/engine';
import { contactOfParty, listUserCalls } from '@callwright/store';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { iso, isoOrNull } from '../http/paging.ts';
import { type EventSink, streamEvents } from '../live/event-stream.ts';
import type { LiveFeed } from '../live/live-feed.ts';
import { selfOf } from './me.ts';
import { contactView } from './phonebooks.ts';

const MOST_DETAILS = 50;

/**
 * What an application keeps with a contact, as captions and values: lists of such pairs as they are, a plain value under its name.
 * Anything else is for programs.
 */
export function detailsOf(data: Readonly<Record<string, JsonValue>>): { caption: string; value: string }[] {
  const details = Object.entries(data).flatMap(([name, value]) => {
    if (Array.isArray(value)) return value.flatMap(pairOf);
    if (value === null || typeof value === 'object') return [];
    return [{ caption: name, value: String(value) }];
  });
  return details.slice(0, MOST_DETAILS);
}

function pairOf(one: JsonValue): { caption: string; value: string }[] {
  if (one === null || typeof one !== 'object' || Array.isArray(one)) return [];
  const { caption, value } = one;
  return typeof caption === 'string' && value !== undefined && typeof value !== 'object'
    ? [{ caption, value: String(value) }]
    : [];
}

async function myCalls({ store: { db } }: Services, { company }: Context, userId: string) {
  const calls = await listUserCalls(db, company, userId);
  const contacts = await Promise.all(calls.map(({ other }) => contactOfParty(db, company, other, userId)));
  return calls.map(({ startedAt, answeredAt, direction, held, ...call }, i) => {
    const contact = contacts[i] ?? null;
    return {
      ...call,
      direction: direction as 'inbound' | 'outbound' | 'internal',
      state: answeredAt === null ? ('ringing' as const) : held ? ('held' as const) : ('talking' as const),
      startedAt: iso(startedAt),
      answeredAt: isoOrNull(answeredAt),
      contact: contact && contactView(contact),
      details: contact ? detailsOf(contact.data) : [],
    };
  });
}

/** Many facts at once cost one reading; a fact comes before its leg's row now and then, so it is read once more when all is quiet. */
const GATHER_MS = 100;
const AGAIN_MS = 1000;

/** Tells the list whenever it is another than before. */
function watch(services: Services, live: LiveFeed, context: Context, userId: string) {
  return ({ send, begin, drained, end }: EventSink): (() => void) => {
    let told = '';
    let count = 0;
    let over = false;
    let soon: NodeJS.Timeout | null = null;
    let again: NodeJS.Timeout | null = null;
    const tell = async (): Promise<void> => {
      const items = await myCalls(services, context, userId);
      const text = JSON.stringify(items);
      if (over || text === told) return;
      told = text;
      count += 1;
      send(count, 'calls', { items });
    };
    const later = (ms: number): void => {
      if (again) clearTimeout(again);
      again = null;
      soon ??= setTimeout(() => {
        soon = null;
        tell().then(() => {
          if (!over && soon === null) again = setTimeout(() => void tell().catch(end), AGAIN_MS);
        }, end);
      }, ms);
    };
    const stop = live.subscribe({
      companyId: context.company.companyId,
      after: null,
      take: () => later(GATHER_MS),
      drained,
      failed: end,
    });
    begin('0');
    later(0);
    return () => {
      over = true;
      for (const timer of [soon, again]) if (timer) clearTimeout(timer);
      stop();
    };
  };
}

export function myCallHandlers(services: Services, live: LiveFeed): Implementation[] {
  return [
    implement(routes.listMyCalls, async (_input, context) => ({
      items: await myCalls(services, context, selfOf(context)),
    })),
    implement(routes.watchMyCalls, async (_input, context) =>
      streamEvents(services, context, watch(services, live, context, selfOf(context))),
    ),
  ];
}
