/**
 * Engine events as records: what a step was told, kept for trace and replay. Personal values stand apart under `pii`, so that the
 * store encrypts them; `restoreEvent` puts them back.
 */
import type { CallRecord, EngineEvent, JsonValue } from '../protocol/index.ts';

type Body = { [key: string]: JsonValue };

/** Where personal values may stand in an event; a path that is absent is passed over. */
const PERSONAL: readonly (readonly string[])[] = [
  ['body', 'result', 'value'],
  ['body', 'digit'],
  ['result', 'value'],
  ['result', 'body'],
  ['variables'],
];

/** The body of an event's record. Closures are left out: a revision is named by its hash. */
export function eventBody(event: EngineEvent): JsonValue {
  const body = JSON.parse(JSON.stringify(event)) as Body;
  const pii: Body = {};
  for (const path of PERSONAL) {
    const holder = holderOf(body, path);
    const key = path.at(-1)!;
    if (!holder || !(key in holder)) continue;
    pii[path.join('.')] = holder[key]!;
    holder[key] = null;
  }
  const result = body.result;
  if (result && typeof result === 'object' && 'closure' in result) result.closure = null;
  return Object.keys(pii).length > 0 ? { ...body, pii } : body;
}

function holderOf(body: Body, path: readonly string[]): Body | null {
  let at: JsonValue | undefined = body;
  for (const key of path.slice(0, -1)) {
    if (!at || typeof at !== 'object' || Array.isArray(at)) return null;
    at = at[key];
  }
  return at && typeof at === 'object' && !Array.isArray(at) ? at : null;
}

/** The event that an `event` record was made of, with its personal values back in place. */
export function restoreEvent(record: CallRecord): EngineEvent {
  const { pii, ...body } = JSON.parse(JSON.stringify(record.body)) as Body;
  for (const [path, value] of Object.entries((pii ?? {}) as Body)) {
    const keys = path.split('.');
    const holder = holderOf(body, keys);
    if (holder) holder[keys.at(-1)!] = value;
  }
  return body as unknown as EngineEvent;
}
