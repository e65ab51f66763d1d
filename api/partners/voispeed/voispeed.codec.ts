/** The wire form: the XML envelope (V-003), the query string of notifications (V-017, V-050), local times, numbers as they are sanitised. */
import type { WireAnswer } from '../src/contract.ts';

/** An element: its text, or its children. */
export type Xml = readonly [tag: string, content: string | number | readonly Xml[]];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
// what XML 1.0 cannot carry at all
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Text as XML carries it. */
export const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    .replace(FORBIDDEN, '')
    .replace(/[&<>"']/g, (c) => ENTITIES[c]!);

const element = ([tag, content]: Xml): string =>
  typeof content === 'object'
    ? `<${tag}>\n${content.map((one) => `${element(one)}\n`).join('')}</${tag}>`
    : `<${tag}>${escapeXml(String(content))}</${tag}>`;

const answer = (result: string): WireAnswer => ({
  status: 200,
  contentType: 'text/xml; charset=UTF-8',
  body: `<?xml version="1.0" encoding="UTF-8" ?>\n${result}`,
});

/** Outcome first, whatever the printed samples leave out (X-14). */
export const success = (content: readonly Xml[] = []): WireAnswer =>
  answer(element(['result', [['outcome', 0], ...content]]));

/** Byte for byte as printed: the last two tags in one line. */
export const failure = (error: string): WireAnswer =>
  answer(`<result>\n<outcome>1</outcome>\n${element(['error', error])}</result>`);

/** An answer to be given instead of what was asked. */
export class Refused extends Error {}

/** Parameters in order; empty ones are left out. */
export const queryOf = (params: readonly (readonly [string, string])[]): string => {
  const query = new URLSearchParams();
  for (const [name, value] of params) if (value !== '') query.append(name, value.toWellFormed());
  return query.toString();
};

/** The notification URL with the query of an event behind it; the scheme may be missing. */
export function notificationUrl(url: string, params: readonly (readonly [string, string])[]): string {
  const whole = /^https?:\/\//i.test(url) ? url : `http://${url}`;
  const address = whole.split('#')[0]!;
  const joint = address.includes('?') ? (/[?&]$/.test(address) ? '' : '&') : '?';
  return `${address}${joint}${queryOf(params)}`;
}

/** `YYYY-MM-DD hh:mm:ss` in the company's zone. */
export function localTime(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(at);
}

/** Epoch ms of a printed local time or date; null when it is none. `end`: of a bare date, its last moment. */
export function fromLocalTime(text: string, timeZone: string, end = false): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text.trim());
  if (!match) return null;
  const [, year, month, day, hour = end ? '23' : '00', minute = end ? '59' : '00', second = end ? '59' : '00'] = match;
  const wanted = `${year}-${month}-${day} ${hour}:${minute}:${second}`;
  const asUtc = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(asUtc)) return null;
  // the zone's offset near that time; once more for the hours around a change
  let at = asUtc;
  for (let turn = 0; turn < 2; turn += 1) {
    const shown = Date.parse(`${localTime(at, timeZone).replace(' ', 'T')}Z`);
    at += asUtc - shown;
  }
  return localTime(at, timeZone) === wanted || !Number.isNaN(at) ? at + (end ? 999 : 0) : null;
}

/** A number to dial: digits, `+`, `*`, `#` (V-013). */
export const dialable = (text: string): string => text.replace(/[^0-9+*#]/g, '').slice(0, 64);

/** A contact's number: digits, one leading `+` (V-093). */
export const contactNumber = (text: string): string =>
  (/^\s*\+/.test(text) ? '+' : '') + text.replace(/[^0-9]/g, '').slice(0, 40);
