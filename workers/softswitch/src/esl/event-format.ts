/** Events and replies as the event socket writes them (wire-protocols §B1). */
import type { MediaEvent } from '../media/media-event.ts';

export type EventFormat = 'plain' | 'json';

/** One event frame. */
export function eventFrame(event: MediaEvent, format: EventFormat): string {
  const content = format === 'json' ? jsonEvent(event) : plainEvent(event);
  return `Content-Length: ${Buffer.byteLength(content)}\nContent-Type: text/event-${format}\n\n${content}`;
}

/** A reply to a command; extra headers stand before the Reply-Text. */
export function commandReply(text: string, extra = ''): string {
  return `Content-Type: command/reply\n${extra}Reply-Text: ${text}\n\n`;
}

/** The answer to `api`. */
export function apiResponse(body: string): string {
  return `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`;
}

/** `Name: value` lines, values percent-encoded. */
export function encodeHeaders(headers: Readonly<Record<string, string>>): string {
  let text = '';
  for (const [name, value] of Object.entries(headers)) text += `${name}: ${encodeValue(value)}\n`;
  return text;
}

/** A lone surrogate cannot be encoded; it becomes the replacement character instead of an exception. */
function encodeValue(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

function jsonEvent(event: MediaEvent): string {
  if (event.body === undefined) return JSON.stringify(event.headers);
  return JSON.stringify({
    ...event.headers,
    'Content-Length': String(Buffer.byteLength(event.body)),
    _body: event.body,
  });
}

function plainEvent(event: MediaEvent): string {
  const headers = encodeHeaders(event.headers);
  if (event.body === undefined) return `${headers}\n`;
  return `${headers}Content-Length: ${Buffer.byteLength(event.body)}\n\n${event.body}`;
}
