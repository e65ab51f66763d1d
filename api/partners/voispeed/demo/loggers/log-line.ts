/** Lines as the sample scripts of the guide write them: `date(DATE_RSS)`, the query string, CRLF (V-099). Pure. */
import type { Line } from '../receiver.ts';

/** RFC 822 with a year of four digits: `Mon, 15 Aug 2005 15:52:01 +0000`. */
export const rssDate = (at: string): string => new Date(at).toUTCString().replace('GMT', '+0000');

export const logLine = ({ at, text }: Pick<Line, 'at' | 'text'>): string => `${rssDate(at)} ${text}`;

export const logFile = (lines: readonly Pick<Line, 'at' | 'text'>[]): string =>
  lines.map((line) => `${logLine(line)}\r\n`).join('');
