import type { CallRow } from './party.ts';

const COLUMNS: readonly (readonly [string, (call: CallRow) => unknown])[] = [
  ['number', (call) => call.number],
  ['startedAt', (call) => call.startedAt ?? call.createdAt],
  ['endedAt', (call) => call.endedAt],
  ['direction', (call) => call.direction],
  ['callingNumber', (call) => call.calling.number],
  ['callingName', (call) => call.calling.name],
  ['calledNumber', (call) => call.called.number],
  ['calledName', (call) => call.called.name],
  ['disposition', (call) => call.disposition],
  ['externalId', (call) => call.externalId],
  ['id', (call) => call.id],
];

/** Calls as CSV (RFC 4180) with a byte-order mark, by which spreadsheets know the encoding. */
export function csvOf(calls: readonly CallRow[]): string {
  const lines = [
    COLUMNS.map(([name]) => name),
    ...calls.map((call) => COLUMNS.map(([, read]) => String(read(call) ?? ''))),
  ];
  return `\uFEFF${lines.map((line) => line.map(quoted).join(',')).join('\r\n')}\r\n`;
}

/** A caller chooses his name: one that a spreadsheet would take for a formula is made text by an apostrophe. */
function quoted(text: string): string {
  const harmless = /^[=@\t\r]|^[+-](?![0-9 ]*$)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
