/** What a phone publishes of its user: PIDF (RFC 3863) with activities (RFC 4480), read for the little that we keep. Pure. */
import type { ChatPresence, ChatState } from '@callwright/store';
import { plainText } from '../sip/headers.ts';

const NOTE_LENGTH = 200;
/** Activities that mean the same to whoever wants to write or call; others say nothing about that. */
const BUSY = new Set([
  'busy',
  'meeting',
  'on-the-phone',
  'appointment',
  'presentation',
  'performance',
  'in-transit',
  'steering',
]);
const AWAY = new Set([
  'away',
  'vacation',
  'holiday',
  'travel',
  'meal',
  'breakfast',
  'lunch',
  'dinner',
  'sleeping',
  'permanent-absence',
]);

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeXml = (text: string): string =>
  text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,5}));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : null;
      if (code === null) return ENTITIES[name ?? ''] ?? whole;
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
    },
  );

/** Text of the first element of that local name within `xml`. */
function textOf(xml: string, name: string): string | null {
  const found = new RegExp(`<(?:[\\w.-]+:)?${name}(?:\\s[^<>]*)?>([^<]*)</`, 'i').exec(xml);
  return found ? unescapeXml(found[1]!).trim() : null;
}

/** Null for what is no presence document. Documents that declare entities or types of their own are none. */
export function readPidf(body: string): ChatPresence | null {
  if (/<!/.test(body) || !/<(?:[\w.-]+:)?presence[\s>]/i.test(body)) return null;
  const activities = /<(?:[\w.-]+:)?activities[^<>]*>([\s\S]*?)<\/(?:[\w.-]+:)?activities>/i.exec(body)?.[1] ?? '';
  const named = [...activities.matchAll(/<(?:[\w.-]+:)?([\w-]+)[^<>]*>/g)].map((match) => match[1]!.toLowerCase());
  const closed = textOf(body, 'basic')?.toLowerCase() === 'closed';
  const status: ChatState = named.some((one) => BUSY.has(one))
    ? 'busy'
    : named.some((one) => AWAY.has(one))
      ? 'away'
      : closed
        ? 'offline'
        : 'available';
  return { status, note: plainText(textOf(body, 'note') ?? '', NOTE_LENGTH) };
}
