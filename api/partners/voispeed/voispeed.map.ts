/** Services by name and facts by event: what the rows of the contract mean to us. */
import type { PartnerEvents } from '../src/contract.ts';
import type { Service } from './ask.ts';
import { type CallMemory, remember } from './call-memory.ts';
import { callDivertExt, callRecordingExt, callRequestExt, callTerminate, callTransferExt } from './call-services.ts';
import { getEntities } from './entities.ts';
import { extendedEvents } from './extended-events.ts';
import { addContact, deleteContact, getContacts, importContacts, updateContact } from './phonebook.ts';
import { callReport, currentCalls, userCallReport } from './reports.ts';
import { type Settings, wants } from './settings.ts';
import { SSN_EVENT, USER_EVENT } from './tables.ts';
import { messageEvent, userEvents } from './user-events.ts';
import { callAction, callRequest, setUserMode } from './user-services.ts';
import { notificationUrl } from './voispeed.codec.ts';

export interface ServiceEntry {
  readonly row: string;
  readonly level: 'user' | 'extended' | 'any';
  readonly run: Service;
}

export const SERVICES: ReadonlyMap<string, ServiceEntry> = new Map<string, ServiceEntry>([
  ['call_request', { row: 'V-013', level: 'user', run: callRequest }],
  ['call_action', { row: 'V-014', level: 'user', run: callAction }],
  ['set_user_mode', { row: 'V-015', level: 'user', run: setUserMode }],
  ['get_user_call_report', { row: 'V-016', level: 'user', run: userCallReport }],
  ['get_entities', { row: 'V-030', level: 'extended', run: getEntities }],
  ['get_call_report', { row: 'V-038', level: 'extended', run: callReport }],
  ['get_current_calls', { row: 'V-039', level: 'extended', run: currentCalls }],
  ['add_phonebook', { row: 'V-040', level: 'any', run: addContact }],
  ['update_phonebook', { row: 'V-041', level: 'any', run: updateContact }],
  ['delete_phonebook', { row: 'V-042', level: 'any', run: deleteContact }],
  ['get_phonebook', { row: 'V-043', level: 'any', run: getContacts }],
  ['phonebook_import_sync', { row: 'V-090', level: 'any', run: importContacts }],
  ['call_request_ext', { row: 'V-044', level: 'extended', run: callRequestExt }],
  // so named in a comment of the guide
  ['call_req_ext', { row: 'V-044', level: 'extended', run: callRequestExt }],
  ['call_transfer_ext', { row: 'V-045', level: 'extended', run: callTransferExt }],
  ['call_divert_ext', { row: 'V-046', level: 'extended', run: callDivertExt }],
  ['call_recording_ext', { row: 'V-047', level: 'extended', run: callRecordingExt }],
  ['call_terminate', { row: 'V-048', level: 'extended', run: callTerminate }],
]);

/** V-006: one request for each event, in order; again only when no connection was opened. */
export const events: PartnerEvents<CallMemory, Settings> = {
  rule: { timeoutMs: 5000, repeat: 'unopened', giveUpAfterMs: 300_000 },
  read(state, fact) {
    const memory = state as CallMemory;
    remember(memory, fact);
    return [...extendedEvents(memory, fact), ...userEvents(memory, fact)];
  },
  tell: messageEvent,
  wants,
  url: (settings, { level, event, params }) =>
    notificationUrl(settings.notificationUrl, [
      ['event_type', level === 'user' ? '2' : String(settings.extendedEventType)],
      [
        'event',
        String(
          level === 'user' ? USER_EVENT[event as keyof typeof USER_EVENT] : SSN_EVENT[event as keyof typeof SSN_EVENT],
        ),
      ],
      ['event_name', event],
      ...params,
      ['license_id', settings.licenseId],
      ['domain', settings.domain],
    ]),
};
