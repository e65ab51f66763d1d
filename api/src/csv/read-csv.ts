/** Reads a CSV file as people make them: UTF-8, UTF-16 or Latin-1, commas, semicolons or tabs, any order and spelling of columns. */
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { ApiError } from '../problem.ts';

export interface CsvRow {
  /** Of the file, the header being line 1; the line a row begins on. */
  readonly line: number;
  /** Values by column, of the columns that the file has and that are known; spaces around them removed. */
  readonly values: Readonly<Record<string, string>>;
}

const MAX_RECORD = 64 * 1024;

/** Bytes as text: by the byte order mark, else UTF-8 when it is valid, else Windows-1252 (a superset of Latin-1). */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Node's own decoder of this name leaves 0x80–0x9f as control characters
    return Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\x80-\x9f]/g, (c) => WINDOWS[c.charCodeAt(0) - 0x80]!);
  }
}

/** What Windows-1252 has where Latin-1 has control characters (WHATWG encoding standard). */
const WINDOWS = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** The delimiter that the header line has most of, outside quotes; a comma when it has none. */
export function delimiterOf(text: string): ',' | ';' | '\t' {
  const counts = { ',': 0, ';': 0, '\t': 0 };
  let quoted = false;
  for (const c of text.slice(0, MAX_RECORD)) {
    if (c === '"') quoted = !quoted;
    else if (!quoted && (c === '\n' || c === '\r')) break;
    else if (!quoted && c in counts) counts[c as ','] += 1;
  }
  const best = (Object.entries(counts) as [',', number][]).sort((a, b) => b[1] - a[1])[0]!;
  return best[1] > 0 ? best[0] : ',';
}

/** Columns are compared without case, spaces, dashes and underscores. */
const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, '');

/** Undoes the apostrophe that an export puts before what a spreadsheet would take for a formula. */
const unescaped = (value: string): string => (/^'[=+\-@\t\r]/.test(value) ? value.slice(1) : value);

function columnsOf(header: readonly string[], known: readonly string[]): (string | false)[] {
  const byName = new Map(known.map((name) => [plain(name), name]));
  const found = header.map((name) => byName.get(plain(unescaped(name.trim()))) ?? false);
  const named = found.filter((name) => name !== false);
  if (named.length === 0) throw new ApiError('API_CSV_INVALID', { detail: `No known column: ${known.join(', ')}.` });
  const twice = named.find((name, i) => named.indexOf(name) !== i);
  if (twice) throw new ApiError('API_CSV_INVALID', { detail: `The column ${twice} is there twice.` });
  return found;
}

/** Rows of a file. Throws `API_CSV_INVALID` when it is no CSV or has no known column. */
export async function* readCsv(bytes: Uint8Array, known: readonly string[]): AsyncGenerator<CsvRow> {
  const text = decodeText(bytes).replace(/^\ufeff/, '');
  if (text.trim() === '') throw new ApiError('API_CSV_INVALID', { detail: 'The file is empty.' });
  if (text.includes('\0')) throw new ApiError('API_CSV_INVALID', { detail: 'The file is not text.' });
  const parser = parse({
    delimiter: delimiterOf(text),
    columns: (header: string[]) => columnsOf(header, known),
    info: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: MAX_RECORD,
  });
  const records = Readable.from(chunks(text)).pipe(parser);
  try {
    let end = 1;
    for await (const { record, info } of records as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      const values = Object.fromEntries(Object.entries(record).map(([name, value]) => [name, unescaped(value)]));
      yield { line: end + 1, values };
      end = info.lines;
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError('API_CSV_INVALID', { detail: (error as Error).message }, { cause: error });
  } finally {
    parser.destroy();
  }
}

const CHUNK = 64 * 1024;

function* chunks(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += CHUNK) yield text.slice(at, at + CHUNK);
}
