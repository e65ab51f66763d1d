/** Destinations as people write them into a file: a user by his extension, a group or flow by its name, anything else by its id. */
import {
  destinationExists,
  getFlow,
  getFlowByName,
  getRingGroup,
  getUser,
  listRingGroups,
  listUsers,
} from '@callwright/store';
import { type Importing, type Reading, RowRefused } from './csv-kind.ts';
import { allPages } from './export-csv.ts';

type Names = Readonly<
  Record<
    string,
    {
      readonly toId: (importing: Importing, name: string) => Promise<string | undefined>;
      readonly toName: (importing: Reading, id: string) => Promise<string | undefined>;
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

/** Columns that hold a destination: its type, and what it is called. */
interface Columns {
  readonly type: string;
  readonly name: string;
}

/** Undefined without the columns, null when they are empty. Throws `RowRefused`. */
export async function destinationCell(
  importing: Importing,
  values: Readonly<Record<string, string>>,
  columns: Columns,
) {
  const [type, name] = [values[columns.type], values[columns.name]];
  if (type === undefined && name === undefined) return undefined;
  if (!type || !name) return null;
  const id = (await NAMES[type]?.toId(importing, name)) ?? name;
  if (!(await destinationExists(importing.db, importing.company, { type, id })))
    throw new RowRefused([{ column: columns.name, message: 'is not known' }]);
  return { type, id };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the destination is called. */
export async function destinationName(
  importing: Reading,
  type: string | null,
  id: string | null,
): Promise<string | null> {
  if (type === null || id === null) return null;
  return (UUID.test(id) ? await NAMES[type]?.toName(importing, id) : undefined) ?? id;
}
