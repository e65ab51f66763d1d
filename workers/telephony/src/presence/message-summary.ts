/** Message summaries as they travel (RFC 3842 §5.2): read from peers, written to phones and peers. Pure. */
import type { MessageSummary } from '@callwright/store';
import { parseSipUri } from '../sip/headers.ts';

/** Media type of a summary. */
export const SUMMARY_TYPE = 'application/simple-message-summary';

/** More than any box has; a summary with counts beyond it says this many. */
const MOST = 999_999;
const MAX_LINES = 100;

export interface ReadSummary {
  readonly summary: MessageSummary;
  /** User part of the Message-Account; empty: it names none. */
  readonly account: string;
}

/** Null for what is no summary. Voice messages alone are counted; those of other kinds are only heard of by Messages-Waiting. */
export function readMessageSummary(body: string): ReadSummary | null {
  const lines = body.split(/\r?\n/);
  // what stands after an empty line tells of single messages (§5.2)
  const end = lines.findIndex((line) => line.trim() === '');
  const status = end < 0 ? lines : lines.slice(0, end);
  if (status.length > MAX_LINES) return null;
  const fields = new Map<string, string>();
  for (const line of status) {
    const found = /^([\w-]{1,40})[ \t]*:[ \t]*(.*?)[ \t]*$/.exec(line);
    if (!found) return null;
    fields.set(found[1]!.toLowerCase(), found[2]!);
  }
  const waiting = /^(yes|no)$/i.exec(fields.get('messages-waiting') ?? '')?.[1]?.toLowerCase();
  const counts = readCounts(fields.get('voice-message'));
  if (waiting === undefined || counts === null) return null;
  const account = (fields.get('message-account') ?? '').replace(/^<(.*)>$/, '$1');
  return { summary: { waiting: waiting === 'yes', ...counts }, account: parseSipUri(account)?.user ?? '' };
}

/** `new/old` with the urgent ones among them in brackets; null for anything else. */
function readCounts(value: string | undefined): Omit<MessageSummary, 'waiting'> | null {
  if (value === undefined) return { fresh: 0, old: 0, freshUrgent: 0, oldUrgent: 0 };
  const found = /^(\d+)\s*\/\s*(\d+)(?:\s*\(\s*(\d+)\s*\/\s*(\d+)\s*\))?$/.exec(value);
  if (!found) return null;
  const [fresh, old, freshUrgent, oldUrgent] = found.slice(1).map((digits) => Math.min(MOST, Number(digits ?? 0)));
  return { fresh: fresh!, old: old!, freshUrgent: freshUrgent!, oldUrgent: oldUrgent! };
}

/** A body that says it all; messages that wait uncounted are not said to be none. */
export function writeMessageSummary(entity: string, summary: MessageSummary): string {
  const { waiting, fresh, old, freshUrgent, oldUrgent } = summary;
  const account = entity.replace(/\p{Cc}/gu, '');
  const counted = !waiting || fresh + old > 0;
  const counts = counted ? `Voice-Message: ${fresh}/${old} (${freshUrgent}/${oldUrgent})\r\n` : '';
  return `Messages-Waiting: ${waiting ? 'yes' : 'no'}\r\nMessage-Account: ${account}\r\n${counts}`;
}
