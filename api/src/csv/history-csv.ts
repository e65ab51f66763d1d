/** History as CSV: read page by page while it is written, so that a year of calls needs no memory. */
import { Readable } from 'node:stream';
import { type CompanyScope, type Db, type HistoryCall, type HistoryFilter, listHistory } from '@callwright/store';
import { stringify } from 'csv-stringify';

const PAGE = 500;
const seconds = (ms: number): string => String(Math.round(ms / 1000));

type Cell = (call: HistoryCall) => string;

/** Columns with what stands in them; durations in seconds. */
const COLUMNS: Readonly<Record<string, Cell>> = {
  number: (call) => String(call.number),
  'call id': (call) => call.id,
  'external id': (call) => call.externalId ?? '',
  direction: (call) => call.direction,
  internal: (call) => (call.internal ? 'yes' : 'no'),
  started: (call) => call.startedAt.toISOString(),
  answered: (call) => call.answeredAt?.toISOString() ?? '',
  connected: (call) => call.connectedAt?.toISOString() ?? '',
  ended: (call) => call.endedAt.toISOString(),
  'duration s': (call) => seconds(call.durationMs),
  'ring s': (call) => seconds(call.ringMs),
  'queue s': (call) => seconds(call.queueMs),
  'ivr s': (call) => seconds(call.ivrMs),
  'talk s': (call) => seconds(call.talkMs),
  'hold s': (call) => seconds(call.holdMs),
  'billable s': (call) => seconds(call.billableMs),
  disposition: (call) => call.disposition,
  cause: (call) => call.cause,
  'failing side': (call) => call.failingSide ?? '',
  'calling type': (call) => call.calling.type,
  'calling number': (call) => call.calling.number,
  'calling name': (call) => nameOf(call.callingContact, call.calling.name),
  'called type': (call) => call.called.type,
  'called number': (call) => call.called.number,
  'called name': (call) => nameOf(call.calledContact, call.called.name),
  'connected type': (call) => call.connected?.type ?? '',
  'connected number': (call) => call.connected?.number ?? '',
  'connected name': (call) => nameOf(call.connectedContact, call.connected?.name ?? ''),
  'reference number': (call) => (call.refNumber === null ? '' : String(call.refNumber)),
  'trunk in': (call) => call.trunkIn?.name ?? '',
  'trunk out': (call) => call.trunkOut?.name ?? '',
  country: (call) => call.destination?.country ?? '',
  class: (call) => call.destination?.class ?? '',
  cost: (call) => (call.costMicros / 1_000_000).toFixed(6),
  'charged user': (call) => call.chargedUserId ?? '',
  codec: (call) => call.codec ?? '',
  recorded: (call) => (call.recorded ? 'yes' : 'no'),
};

function nameOf(contact: HistoryCall['callingContact'], name: string): string {
  if (!contact) return name;
  return `${contact.givenName} ${contact.familyName}`.trim() || contact.organisation;
}

async function* rowsOf(db: Db, company: CompanyScope, filter: HistoryFilter): AsyncGenerator<string[]> {
  for (let before: number | null = null; ; ) {
    const { items, next } = await listHistory(db, company, { ...filter, before, limit: PAGE });
    for (const call of items) yield Object.values(COLUMNS).map((cell) => cell(call));
    if (next === null) return;
    before = Number(next);
  }
}

/** UTF-8 with a byte order mark; what a spreadsheet would take for a formula is escaped. */
export function historyCsv(db: Db, company: CompanyScope, filter: HistoryFilter): Readable {
  const rows = Readable.from(rowsOf(db, company, filter));
  const csv = stringify({ bom: true, header: true, columns: Object.keys(COLUMNS), escape_formulas: true });
  rows.on('error', (error) => csv.destroy(error));
  return rows.pipe(csv);
}
