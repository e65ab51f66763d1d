/**
 * A SIP peer reached by a feature code: the code's options are an INVITE template with placeholders; the id is
 * `<row of the code>/<argument>`. Telephony's guard decides whether the address may be reached (design §5).
 */
import { sql } from 'kysely';
import type { Db } from '../scope.ts';
import {
  type Asking,
  type DestinationType,
  isUuid,
  NOT_FOUND,
  plainCoordinates,
  resolved,
} from './destination-type.ts';

/** What placeholders stand for. */
export interface PeerValues {
  /** Digits dialled after the code. */
  readonly argument: string;
  readonly extension: string;
  readonly name: string;
  /** The caller's number for the outside. */
  readonly number: string;
}

const PLACEHOLDER = /\{(argument|extension|name|number)\}/g;
/** What a value may put into a SIP address without ending a part of it. */
const SAFE = /[^A-Za-z0-9+*#._ -]/g;

/** A template with its placeholders filled; an unknown one stays as it is. */
export const fillTemplate = (template: string, values: PeerValues): string =>
  template.replace(PLACEHOLDER, (_all, name: keyof PeerValues) => values[name].replace(SAFE, '')).slice(0, 400);

interface Row {
  readonly options: Readonly<Record<string, string>>;
}

export const peer: DestinationType = {
  type: 'peer',
  servedBy: 'direct-peer',
  offered: false,
  exists: async () => false,
  resolve: async (db, companyId, id, asking) => {
    const cut = id.indexOf('/');
    const rowId = id.slice(0, cut);
    if (!isUuid(rowId)) return NOT_FOUND;
    const { rows } = await sql<Row>`select options from feature_code
      where company_id = ${companyId} and id = ${rowId} and action = 'peer' and enabled`.execute(db);
    const { uri, from, identity, dnis } = rows[0]?.options ?? {};
    if (uri === undefined) return NOT_FOUND;
    const values = await valuesOf(db, companyId, id.slice(cut + 1), asking);
    const filled = (template: string | undefined, name: string) =>
      template === undefined ? {} : { [name]: fillTemplate(template, values) };
    const target = {
      uri: fillTemplate(uri, values),
      ...filled(from, 'from'),
      ...filled(identity, 'identity'),
      ...filled(dnis, 'dnis'),
    };
    const found = resolved({ type: 'peer', id }, { ...plainCoordinates('peer', target.uri), id });
    return found.status === 'destination' ? { ...found, peer: target } : found;
  },
};

async function valuesOf(db: Db, companyId: string, argument: string, { userId }: Asking): Promise<PeerValues> {
  const { rows } = await sql<Omit<PeerValues, 'argument'>>`
    select extension, trim(given_name || ' ' || family_name) as name, coalesce(outbound_number, extension) as number
    from directory_user where company_id = ${companyId} and id::text = ${userId} and deleted_at is null`.execute(db);
  return { argument, ...(rows[0] ?? { extension: '', name: '', number: '' }) };
}
