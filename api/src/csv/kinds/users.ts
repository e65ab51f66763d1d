/** Users by extension. */
import { NewUser } from '@callwright/api-contract';
import {
  createUser,
  type Db,
  departments,
  listUsers,
  type Resource,
  sites,
  updateUser,
  uuidv7,
} from '@callwright/store';
import { booleanCell, checked, defined, integerCell, textOrNull, yes } from '../cells.ts';
import { type CsvKind, type Importing, RowRefused } from '../csv-kind.ts';
import { allPages } from '../export-csv.ts';
import { namedCell, namesOf } from '../names.ts';

const NUMBERS = ['office', 'home', 'mobile', 'fax'] as const;

const COLUMNS = [
  'extension',
  'givenName',
  'familyName',
  'email',
  'language',
  'outboundNumber',
  'department',
  'site',
  'phrase',
  ...NUMBERS,
  'maxCalls',
  'callWaiting',
  'visible',
  'recordCalls',
  'pickupRight',
  'blockPremium',
  'planOnly',
  'faxRight',
  'mode',
  'divertNumber',
  'ringback',
  'codecMode',
  'codecs',
] as const;

type Named = { readonly name: string };

/** The id of a site or department by its name; null for none. */
async function idByName<F extends Named>(
  { db, company }: Importing,
  resource: Resource<F>,
  column: string,
  name: string | null | undefined,
): Promise<string | null | undefined> {
  if (!name) return name as null | undefined;
  const { items } = await resource.list(db, company, { after: 0, limit: 1, only: { name } as Partial<F> });
  if (!items[0]) throw new RowRefused([{ column, message: 'is not known' }]);
  return items[0].id;
}

async function bodyOf(importing: Importing, values: Readonly<Record<string, string>>) {
  const text = (column: string) => textOrNull(values, column);
  const numbers = defined(Object.fromEntries(NUMBERS.map((kind) => [kind, text(kind)])));
  return defined({
    extension: values.extension,
    givenName: values.givenName,
    familyName: values.familyName,
    email: text('email'),
    language: text('language'),
    outboundNumber: text('outboundNumber'),
    departmentId: await idByName(importing, departments, 'department', text('department')),
    siteId: await idByName(importing, sites, 'site', text('site')),
    phrase: values.phrase,
    numbers: Object.keys(numbers).length > 0 ? numbers : undefined,
    maxCalls: values.maxCalls === '' ? null : integerCell(values, 'maxCalls'),
    callWaiting: booleanCell(values, 'callWaiting'),
    visible: booleanCell(values, 'visible'),
    recordCalls: booleanCell(values, 'recordCalls'),
    pickupRight: booleanCell(values, 'pickupRight'),
    blockPremium: booleanCell(values, 'blockPremium'),
    planOnly: booleanCell(values, 'planOnly'),
    faxRight: booleanCell(values, 'faxRight'),
    mode: values.mode || undefined,
    divertNumber: text('divertNumber'),
    ringbackPromptId: await namedCell(importing, 'prompt', 'ringback', values.ringback),
    codecMode: text('codecMode'),
    codecs: values.codecs === '' ? null : values.codecs?.split(/[\s,;]+/).filter(Boolean),
  });
}

const COLUMN_OF: Readonly<Record<string, string>> = {
  departmentId: 'department',
  siteId: 'site',
  ringbackPromptId: 'ringback',
};
const columnOf = (path: readonly PropertyKey[]): string => {
  const name = String(path[0] === 'numbers' ? path[1] : path[0]);
  return COLUMN_OF[name] ?? name;
};

async function names<F extends Named>(db: Db, company: Importing['company'], resource: Resource<F>) {
  const byId = new Map<string, string>();
  for await (const one of allPages((after, limit) => resource.list(db, company, { after, limit })))
    byId.set(one.id, one.name);
  return (id: string | null): string | null => (id === null ? null : (byId.get(id) ?? null));
}

export const users: CsvKind = {
  columns: COLUMNS,
  required: ['extension'],
  save: async (importing, values) => {
    const { db, company } = importing;
    const body = await bodyOf(importing, values);
    const whole = checked(NewUser, body, columnOf);
    const known = (await listUsers(db, company, { after: 0, limit: 1, extension: whole.extension })).items[0];
    const { pin: _pin, suspended: _suspended, modeUntil: _until, ...fields } = whole;
    if (!known) {
      await createUser(db, company, uuidv7(), fields);
      return 'created';
    }
    // only the columns of the file: the contract's defaults are for new users
    const given = Object.fromEntries(Object.entries(fields).filter(([name]) => name in body));
    await updateUser(db, company, known.id, given);
    return 'updated';
  },
  rows: async function* (db, company) {
    const prompts = await namesOf({ db, company }, 'prompt');
    const [department, site] = [await names(db, company, departments), await names(db, company, sites)];
    for await (const u of allPages((after, limit) => listUsers(db, company, { after, limit })))
      yield [
        u.extension,
        u.givenName,
        u.familyName,
        u.email,
        u.language,
        u.outboundNumber,
        department(u.departmentId),
        site(u.siteId),
        u.phrase,
        ...NUMBERS.map((kind) => u.numbers[kind] ?? null),
        u.maxCalls === null ? null : String(u.maxCalls),
        ...[u.callWaiting, u.visible, u.recordCalls, u.pickupRight, u.blockPremium, u.planOnly, u.faxRight].map(yes),
        u.mode,
        u.divertNumber,
        prompts.get(u.ringbackPromptId ?? '') ?? null,
        u.codecMode,
        u.codecs?.join(' ') ?? null,
      ];
  },
};
