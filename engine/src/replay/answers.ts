/** Whether a recorded answer fits what another revision asks, and what needs no record to be answered. */
import type { Ask, Reply } from '../define/ask.ts';
import { canonicalJson } from '../flow/canonical.ts';
import type { JsonValue } from '../protocol/index.ts';

const json = (value: unknown): string => canonicalJson(JSON.parse(JSON.stringify(value)) as JsonValue);

/** Whom an ask tries to reach, or how it ends the call; null when it does neither. */
export function targetOf(ask: Ask): string | null {
  switch (ask.ask) {
    case 'connect':
    case 'transfer':
      return describe(ask.to);
    case 'ring-group':
      return `group ${ask.groupId}`;
    case 'queue':
      return `queue ${ask.queue}`;
    case 'conference':
      return `room ${ask.room}`;
    case 'park':
      return `park slot ${ask.slot ?? 'any'}`;
    case 'pick-up':
      return `pick-up ${ask.user ?? 'any'}`;
    case 'supervise':
      return `supervise ${ask.user}`;
    case 'hangup':
      return ask.cause === 'normal' ? null : `hang up (${ask.cause})`;
    default:
      return null;
  }
}

function describe(to: Extract<Ask, { ask: 'connect' | 'transfer' }>['to']): string {
  const { type, ...rest } = to;
  const [value] = Object.values(rest).filter((one) => typeof one === 'string');
  return `${type} ${value ?? json(rest)}`;
}

/** The same question, as far as its answer goes: prompts and patience may have changed. */
export function matches(recorded: Ask, asked: Ask): boolean {
  if (recorded.ask !== asked.ask) return false;
  const target = targetOf(asked);
  if (target !== null) return target === targetOf(recorded);
  if (asked.ask === 'request' && recorded.ask === 'request')
    return asked.request.method === recorded.request.method && asked.request.url === recorded.request.url;
  if (asked.ask === 'lookup' && recorded.ask === 'lookup') return json(asked.lookup) === json(recorded.lookup);
  return true;
}

/**
 * The same question wherever it is asked, so that a node that was renamed or moved keeps its answers. What is answered the same in every call
 * is no question.
 */
export function isSameQuestion(recorded: Ask, asked: Ask): boolean {
  if (!matches(recorded, asked)) return false;
  if (recorded.ask === 'collect' && asked.ask === 'collect') return json(rules(recorded)) === json(rules(asked));
  return targetOf(asked) !== null || asked.ask === 'request' || asked.ask === 'lookup';
}

const rules = ({ spec: { accept = [], minDigits, maxDigits, terminators } }: Extract<Ask, { ask: 'collect' }>) => ({
  accept,
  minDigits,
  maxDigits,
  terminators,
});

/** A recorded reply as the answer to this ask: a key that was none of the choices may be one now, and the other way round. */
export function adaptReply(reply: Reply, ask: Ask | null): Reply {
  if (ask === null) return reply;
  const own = { ...reply, id: ask.id } as Reply;
  if (own.reply !== 'media' || ask.ask !== 'collect') return own;
  const { result } = own;
  if (result.status !== 'collected' && result.status !== 'not-collected') return own;
  const { value, tries } = result;
  const legal = isLegal(value, ask);
  if (result.status === 'collected' && !legal)
    return { ...own, result: { status: 'not-collected', reason: 'no-match', value, tries } };
  if (result.status === 'not-collected' && result.reason === 'no-match' && legal)
    return { ...own, result: { status: 'collected', mode: 'keys', value, confidence: 1, tries } };
  return own;
}

function isLegal(value: string, { spec }: Extract<Ask, { ask: 'collect' }>): boolean {
  if (spec.accept) return spec.accept.includes(value);
  return value.length >= spec.minDigits && value.length <= spec.maxDigits;
}

/** What is answered the same in every call: prompts are heard, and time passes when nothing else is waited for. */
export function synthesized(ask: Ask, all: readonly Ask[]): Reply | null {
  const { id } = ask;
  if (ask.ask === 'play') return { reply: 'media', id, result: { status: 'done' } };
  if (ask.ask === 'answer' || ask.ask === 'background') return { reply: 'ok', id };
  const alone = all.every(({ ask: kind }) => kind === 'timer' || kind === 'background');
  return ask.ask === 'timer' && alone ? { reply: 'timer', id } : null;
}
