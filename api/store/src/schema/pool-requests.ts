/** Table of the requests that stand in pools. */
import type { PoolRequest } from '@callwright/engine';
import type { ColumnType, Generated } from 'kysely';

export interface PoolRequestTable {
  company_id: string;
  request: string;
  place: ColumnType<string, number, never>;
  standing: ColumnType<PoolRequest, string, string>;
  number: ColumnType<string, number, number>;
  updated_at: Generated<Date>;
}
