/** Numbers by what is dialled, with where they lead. */
import { NewNumber } from '@callwright/api-contract';
import {
  createNumber,
  destinationExists,
  getFlow,
  getFlowByName,
  getRingGroup,
  getUser,
  listNumbers,
  listRingGroups,
  listUsers,
  type NumberRow,
  updateNumber,
  uuidv7,
} from '@callwright/store';
import { booleanCell, checked, defined, yes } from '../cells.ts';
import { type CsvKind, type Importing, RowRefused } from '../csv-kind.ts';
import { allPages } from '../export-csv.ts';

type Names = Readonly<
  Record<
    string,
    {
      readonly toId: (importing: Importing, name: string) => Promise<string | undefined>;
      readonly toName: (importing: Omit<Importing, 'country'>, id: string) => Promise<string | undefined>;
    }
  >
>;

/** Destinations that people know by name; the others stand there by their id. */
const NAMES: Names = {
  user: {
    toId: async ({ db, company }, extension) =>
      (await listUsers(db, company, { after: 0, limit: 1, extension })).items[0]?.id,
    toName: async ({ db, company }, id) => (await getUser(db, company, id))?.extension,
  },
  'ring-group': {
    toId: async ({ db, company }, name) => {
      for await (const group of allPages((after, limit) => listRingGroups(db, company, after, limit)))
        if (group.name === name) return group.id;
      return undefined;
    },
    toName: async ({ db, company }, id) => (await getRingGroup(db, company, id))?.name,
  },
  flow: {
    toId: async ({ db, company }, name) => (await getFlowByName(db, company, name))?.id,
    toName: async ({ db, company }, id) => (await getFlow(db, company, id))?.name,
  },
};

async function destinationOf(importing: Importing, values: Readonly<Record<string, string>>) {
  const { destinationType: type, destination: name } = values;
  if (type === undefined && name === undefined) return undefined;
  if (!type || !name) return null;
  const id = (await NAMES[type]?.toId(importing, name)) ?? name;
  if (!(await destinationExists(importing.db, importing.company, { type, id })))
    throw new RowRefused([{ column: 'destination', message: 'is not known' }]);
  return { type, id };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function nameOf(importing: Omit<Importing, 'country'>, number: NumberRow): Promise<string | null> {
  const { destination_type: type, destination_id: id } = number;
  if (type === null || id === null) return null;
  return (UUID.test(id) ? await NAMES[type]?.toName(importing, id) : undefined) ?? id;
}

export const numbers: CsvKind = {
  columns: ['dialled', 'kind', 'public', 'label', 'destinationType', 'destination'],
  required: ['dialled'],
  save: async (importing, values) => {
    const { db, company } = importing;
    const body = defined({
      dialled: values.dialled,
      kind: values.kind || (values.dialled!.startsWith('+') ? 'did' : 'service'),
      public: booleanCell(values, 'public'),
      label: values.label,
      destination: await destinationOf(importing, values),
    });
    const whole = checked(NewNumber, body);
    const known = (await listNumbers(db, company, { after: 0, limit: 1, dialled: whole.dialled })).items[0];
    if (!known) {
      await createNumber(db, company, uuidv7(), whole);
      return 'created';
    }
    const { dialled: _dialled, kind: _kind, ...fields } = whole;
    await updateNumber(db, company, known.id, Object.fromEntries(Object.entries(fields).filter(([n]) => n in body)));
    return 'updated';
  },
  rows: async function* (db, company) {
    for await (const n of allPages((after, limit) => listNumbers(db, company, { after, limit })))
      yield [n.dialled, n.kind, yes(n.public), n.label, n.destination_type, await nameOf({ db, company }, n)];
  },
};
