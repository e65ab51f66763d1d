/** Bodies of NOTIFYs: dialog-info (RFC 4235), PIDF with activities (RFC 3863, RFC 4480), message summaries (RFC 3842). Pure. */
import type { ChatState, DueNotify, EventPackage, PresenceState } from '@callwright/store';
import { writeMessageSummary } from './message-summary.ts';

/** Media type of each package's body. */
export const BODY_TYPES: Readonly<Record<EventPackage, string>> = {
  'message-summary': 'application/simple-message-summary',
  dialog: 'application/dialog-info+xml',
  presence: 'application/pidf+xml',
};

type Told = Pick<DueNotify, 'package' | 'entity' | 'notifies' | 'state' | 'dialogs' | 'chat' | 'messages'>;

/** The whole state as the package writes it. */
export function bodyOf(told: Told): string {
  switch (told.package) {
    case 'message-summary':
      return writeMessageSummary(told.entity, told.messages);
    case 'dialog':
      return dialogInfo(told);
    case 'presence':
      return presenceDocument(told);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const escapeXml = (text: string): string => text.replace(/\p{Cc}/gu, '').replace(/[&<>"']/g, (c) => ESCAPES[c]!);

const XML = '<?xml version="1.0" encoding="UTF-8"?>\r\n';

/** Numbered by what the subscription was sent before, from 0 (RFC 4235 §4.1.1). */
function dialogInfo({ entity, notifies, dialogs }: Told): string {
  const inner = dialogs
    .map(
      ({ id, direction, state }) =>
        `<dialog id="${escapeXml(id)}" direction="${direction}"><state>${state}</state></dialog>`,
    )
    .join('');
  return `${XML}<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${notifies}" state="full" entity="${escapeXml(entity)}">${inner}</dialog-info>`;
}

/** Whether calls reach the user, and what the user does. */
const PRESENCE: Readonly<
  Record<PresenceState, { readonly basic: 'open' | 'closed'; readonly activity: string | null; readonly note: string }>
> = {
  unknown: { basic: 'closed', activity: 'unknown', note: 'Unknown' },
  unavailable: { basic: 'closed', activity: null, note: 'Offline' },
  available: { basic: 'open', activity: null, note: 'Available' },
  ringing: { basic: 'open', activity: 'busy', note: 'Ringing' },
  busy: { basic: 'open', activity: 'on-the-phone', note: 'On the phone' },
  dnd: { basic: 'open', activity: 'busy', note: 'Do not disturb' },
  reserved: { basic: 'open', activity: 'busy', note: 'Reserved' },
  absent: { basic: 'closed', activity: 'away', note: 'Away' },
  diverted: { basic: 'open', activity: 'away', note: 'Diverted' },
};

/** What a user says of himself, in activities of RFC 4480. */
const SAID: Readonly<Record<ChatState, string | null>> = {
  available: null,
  busy: 'busy',
  away: 'away',
  offline: null,
};
const UNOCCUPIED: ReadonlySet<PresenceState> = new Set(['available', 'unavailable', 'unknown']);

/**
 * What is seen of the user's calls comes first; of a user who is in none, what he says himself. Whether he can be written to is a tuple of
 * its own, for whoever says something.
 */
function presenceDocument({ entity, state, chat }: Told): string {
  const { basic, activity: seen, note } = PRESENCE[state];
  const activity = chat && UNOCCUPIED.has(state) ? SAID[chat.status] : seen;
  const activities = activity ? `<rpid:activities><rpid:${activity}/></rpid:activities>` : '';
  const said = chat && chat.note !== '' ? escapeXml(chat.note) : null;
  const person =
    activities || said
      ? `<dm:person id="p">${activities}${said === null ? '' : `<dm:note>${said}</dm:note>`}</dm:person>`
      : '';
  const writable = chat
    ? `<tuple id="chat"><status><basic>${chat.status === 'offline' ? 'closed' : 'open'}</basic></status></tuple>`
    : '';
  // phones with one line for it show the note of the first tuple
  const shown = said !== null && UNOCCUPIED.has(state) ? said : note;
  return (
    `${XML}<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ` +
    `xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="${escapeXml(entity)}">` +
    `<tuple id="t"><status><basic>${basic}</basic></status><note>${shown}</note></tuple>${writable}${person}</presence>`
  );
}
