/** Table of tests of flows. */
import type { ColumnType, Generated } from 'kysely';

/** Written as JSON text, read as what it holds. */
type JsonColumn<T> = ColumnType<T, string, string>;

export interface FlowTestTable {
  company_id: string;
  flow_id: string;
  name: string;
  script: JsonColumn<Record<string, unknown>[]>;
  path: JsonColumn<string[]>;
  updated_at: Generated<Date>;
}
