/** What a page of the console needs to know of one kind of entity; the rest comes from its routes in the contract. */
import type { RouteContract, Scope } from '@callwright/api-contract';
import type { Icon } from '@tabler/icons-react';
import type { UsedType } from '../../app/uses.tsx';

/** A row as a list route answers it. */
export type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/** How a field of a form is asked for when its schema does not say enough. */
export type FieldHint =
  /** One entity of a resource, by its id. */
  | { readonly field: 'entity'; readonly resource: string }
  /** One entity of the resource that another field of the form names; null: nothing to choose for it. */
  | {
      readonly field: 'entityOf';
      readonly by: string;
      readonly resources: Readonly<Record<string, string | null>>;
    }
  /** Several, in an order that may matter. */
  | { readonly field: 'entities'; readonly resource: string }
  /** `{ type, id }` of the registry of destinations. */
  | { readonly field: 'destination' }
  /** Public holidays of a country. */
  | { readonly field: 'holidays' }
  /** Opening hours. */
  | { readonly field: 'hours' }
  /** A moment, asked for in the local zone. */
  | { readonly field: 'time' }
  /** Milliseconds, asked for and shown in seconds. */
  | { readonly field: 'seconds' }
  /** Millionths of the currency unit, asked for and shown in units. */
  | { readonly field: 'money' }
  /** Words, some of which are offered: one of an entity's values, or what somebody types. */
  | { readonly field: 'tags'; readonly resource: string }
  /** Names and texts, such as the options of a feature code. */
  | { readonly field: 'pairs' }
  /** Names with a number from 0 to 100 each, such as skills. */
  | { readonly field: 'levels' }
  /** Yes, no, or whatever holds for the owner above. */
  | { readonly field: 'flag' }
  | { readonly field: 'language' }
  | { readonly field: 'timeZone' }
  | { readonly field: 'password' }
  | { readonly field: 'textarea' };

export interface Resource {
  /** Names its texts (`resources.<key>`) and its address. */
  readonly key: string;
  readonly icon: Icon;
  /** Where the navigation has it. */
  readonly section: 'calls' | 'flows' | 'directory' | 'routing' | 'system';
  /** Scope that shows it in the navigation. */
  readonly scope: Scope;
  readonly list: RouteContract;
  readonly create?: RouteContract;
  readonly update?: RouteContract;
  readonly remove?: RouteContract;
  /** Fields of a row shown in the table; the first is the one that opens it. */
  readonly columns: readonly string[];
  /** By field of the form. */
  readonly fields?: Readonly<Record<string, FieldHint>>;
  /** Fields of the form that stand before the rest; all of them when none is named. */
  readonly first?: readonly string[];
  /** What a new one starts with beside the defaults of the API. */
  readonly initial?: Readonly<Record<string, unknown>>;
  /** Fields that only programs set. */
  readonly omit?: readonly string[];
  /** What a person calls this row; default: its `name`. */
  readonly nameOf?: (row: Row) => string;
  /** Address of a page of its own, for what a form cannot show. */
  readonly pageOf?: (row: Row) => string;
  /** Routes that take and give all of them as CSV. */
  readonly csv?: { readonly in: RouteContract; readonly out: RouteContract };
  /** Route that takes all ids in their new order: rows can be moved. */
  readonly order?: RouteContract;
  /** Route that shows a row's password; only for rows that say `hasSecret`. */
  readonly reveal?: RouteContract;
  /** Its type where flows and rules name it: its form shows them. */
  readonly used?: UsedType;
  /** Its type where external ids are kept. */
  readonly externalType?: string;
  /** Field of the answer to `create` that is shown this once. */
  readonly secret?: string;
}

/** What a person calls a row. */
export function nameOf(resource: Resource, row: Row): string {
  return resource.nameOf?.(row) || String(row.name ?? row.label ?? row.number ?? row.id);
}

/** Address of a resource's page. */
export const addressOf = ({ key }: Resource): string => `/${key}`;

/** What a resource says of its forms. */
export function formOf({ fields, first, omit }: Resource) {
  return { ...(fields ? { hints: fields } : {}), ...(first ? { first } : {}), ...(omit ? { omit } : {}) };
}
