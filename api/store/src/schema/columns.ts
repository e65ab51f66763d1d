/** Column types that the tables share. */
import type { JsonValue } from '@callwright/engine';
import type { ColumnType } from 'kysely';

export type Time = ColumnType<Date, Date | string | undefined, Date | string>;
export type TimeOrNull = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
/** jsonb: read as JSON, written as its text. */
export type Jsonb = ColumnType<JsonValue, string, string>;
export type JsonbOrNull = ColumnType<JsonValue, string | null | undefined, string | null>;
/** jsonb with a default in the table. */
export type JsonbDefault = ColumnType<JsonValue, string | undefined, string>;
