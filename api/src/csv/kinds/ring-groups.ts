/** Ring groups by name; members are extensions and outside numbers (with `+`), parted by spaces. */
import { NewRingGroup } from '@callwright/api-contract';
import {
  createRingGroup,
  getUser,
  listRingGroups,
  listUsers,
  type RingGroupRow,
  updateRingGroup,
  uuidv7,
} from '@callwright/store';
import { booleanCell, checked, defined, integerCell, textOrNull, yes } from '../cells.ts';
import { type CsvKind, type Importing, RowRefused } from '../csv-kind.ts';
import { allPages } from '../export-csv.ts';

/** A member that is there already keeps its own options. */
async function membersOf({ db, company }: Importing, text: string | undefined, known: RingGroupRow | undefined) {
  if (text === undefined) return undefined;
  const members: object[] = [];
  for (const name of text.split(/[\s,;]+/).filter(Boolean)) {
    if (name.startsWith('+')) {
      members.push(known?.members.find((m) => m.number === name) ?? { number: name });
      continue;
    }
    const user = (await listUsers(db, company, { after: 0, limit: 1, extension: name })).items[0];
    if (!user) throw new RowRefused([{ column: 'members', message: `${name} is no extension of a user` }]);
    members.push(known?.members.find((m) => m.userId === user.id) ?? { userId: user.id });
  }
  return members;
}

async function byName({ db, company }: Importing, name: string): Promise<RingGroupRow | undefined> {
  for await (const group of allPages((after, limit) => listRingGroups(db, company, after, limit)))
    if (group.name === name) return group;
  return undefined;
}

export const ringGroups: CsvKind = {
  columns: [
    'name',
    'extension',
    'strategy',
    'memberRingMs',
    'totalRingMs',
    'visible',
    'broadcast',
    'pickupDisabled',
    'memberLogin',
    'members',
  ],
  required: ['name'],
  save: async (importing, values) => {
    const { db, company } = importing;
    const known = await byName(importing, values.name!);
    const body = defined({
      name: values.name,
      extension: textOrNull(values, 'extension'),
      strategy: values.strategy || undefined,
      memberRingMs: integerCell(values, 'memberRingMs'),
      totalRingMs: integerCell(values, 'totalRingMs'),
      visible: booleanCell(values, 'visible'),
      broadcast: booleanCell(values, 'broadcast'),
      pickupDisabled: booleanCell(values, 'pickupDisabled'),
      memberLogin: booleanCell(values, 'memberLogin'),
      members: await membersOf(importing, values.members, known),
    });
    const whole = checked(NewRingGroup, body);
    if (!known) {
      await createRingGroup(db, company, uuidv7(), whole);
      return 'created';
    }
    const given = Object.fromEntries(Object.entries(whole).filter(([name]) => name in body));
    await updateRingGroup(db, company, known.id, given);
    return 'updated';
  },
  rows: async function* (db, company) {
    for await (const g of allPages((after, limit) => listRingGroups(db, company, after, limit))) {
      const members: string[] = [];
      for (const m of g.members) {
        const user = m.userId ? await getUser(db, company, m.userId) : null;
        const name = user?.extension ?? m.number;
        if (name) members.push(name);
      }
      yield [
        g.name,
        g.extension,
        g.strategy,
        String(g.member_ring_ms),
        String(g.total_ring_ms),
        ...[g.visible, g.broadcast, g.pickup_disabled, g.member_login].map(yes),
        members.join(' '),
      ];
    }
  },
};
