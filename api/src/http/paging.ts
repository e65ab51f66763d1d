/** Cursors and limits of lists, from the query string. */
import { ApiError } from '../problem.ts';

const DEFAULT_LIMIT = 100;

interface PageQuery {
  readonly cursor?: string | undefined;
  readonly limit?: string | undefined;
}

export const limitOf = ({ limit }: PageQuery): number => (limit === undefined ? DEFAULT_LIMIT : Number(limit));

/** Cursor of a list ordered by a positive number; null on the first page. */
export function numberCursor({ cursor }: PageQuery): number | null {
  if (cursor === undefined) return null;
  if (!/^[0-9]{1,15}$/.test(cursor)) throw badCursor();
  return Number(cursor);
}

/** Cursor of a list ordered by UUID. */
export function uuidCursor({ cursor }: PageQuery): string | null {
  if (cursor === undefined) return null;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(cursor)) throw badCursor();
  return cursor;
}

const badCursor = () =>
  new ApiError('API_BAD_REQUEST', { errors: [{ path: 'querystring.cursor', message: 'is no cursor of this list' }] });

/** The value, or `API_NOT_FOUND`. */
export function found<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new ApiError('API_NOT_FOUND');
  return value;
}

export const iso = (date: Date): string => date.toISOString();
export const isoOrNull = (date: Date | null): string | null => (date ? date.toISOString() : null);
