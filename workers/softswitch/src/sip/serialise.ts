/** Messages to bytes. Content-Length is always written from the body, last, whatever the headers say. */
import { isRequest, type SipMessage } from './message.ts';

/** The exact bytes that go on the wire. Line breaks inside a value would start a new header, so they become spaces. */
export function serialise(message: SipMessage): Buffer {
  let head = isRequest(message)
    ? `${clean(message.method)} ${clean(message.uri)} SIP/2.0\r\n`
    : `SIP/2.0 ${message.status} ${clean(message.reason)}\r\n`;
  for (const line of message.headers) {
    if (line.key !== 'content-length') head += `${line.name}: ${clean(line.value)}\r\n`;
  }
  head += `Content-Length: ${message.body.length}\r\n\r\n`;
  if (message.body.length === 0) return Buffer.from(head, 'latin1');
  const bytes = Buffer.allocUnsafe(head.length + message.body.length);
  bytes.write(head, 0, 'latin1');
  message.body.copy(bytes, head.length);
  return bytes;
}

function clean(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ') : text;
}
