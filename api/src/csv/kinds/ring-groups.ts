/** Ring groups by name; members are extensions and outside numbers (with `+`), parted by spaces. */
import { NewRingGroup } from '@callwright/api-contract';
import {
  createRingGroup,
  getUser,
  listRingGroups,
  listUsers,
  type RingGroupMember,
  type RingGroupRow,
  updateRingGroup,
  uuidv7,
} from '@callwright/store';
import { booleanCell, checked, defined, integerCell, textOrNull, yes } from '../cells.ts';
import { type CsvKind, type Importing, RowRefused } from '../csv-kind.ts';
import { destinationCell, destinationName } from '../destinations.ts';
import { allPages } from '../export-csv.ts';
import { namedCell, namesOf } from '../names.ts';

/** Options of a member, after its name and a colon each: `102:ringMs=15000:delayMs=5000:weight=2:confirm:loggedOut`. */
const NUMBERS = new Set(['ringMs', 'delayMs', 'weight']);

function optionsOf(texts: readonly string[]): object {
  return Object.fromEntries(
    texts.map((text) => {
      const [name = '', value] = text.split('=');
      if (NUMBERS.has(name) && /^[0-9]{1,9}$/.test(value ?? '')) return [name, Number(value)];
      if (text === 'confirm') return ['confirm', true];
      if (text === 'loggedOut') return ['loggedIn', false];
      throw new RowRefused([{ column: 'members', message: `${text} is no option of a member` }]);
    }),
  );
}

function optionText({ ringMs, delayMs, weight, confirm, loggedIn }: RingGroupMember): string {
  const said = [
    ...(ringMs === null ? [] : [`ringMs=${ringMs}`]),
    ...(delayMs === 0 ? [] : [`delayMs=${delayMs}`]),
    ...(weight === 1 ? [] : [`weight=${weight}`]),
    ...(confirm ? ['confirm'] : []),
    ...(loggedIn ? [] : ['loggedOut']),
  ];
  return said.map((text) => `:${text}`).join('');
}

/** A member that is there already and has no options in the file keeps its own. */
async function membersOf({ db, company }: Importing, text: string | undefined, known: RingGroupRow | undefined) {
  if (text === undefined) return undefined;
  const members: object[] = [];
  for (const part of text.split(/[\s,;]+/).filter(Boolean)) {
    const [name = '', ...texts] = part.split(':');
    const options = optionsOf(texts);
    const keeps = (member: RingGroupMember | undefined) => (texts.length === 0 ? member : undefined);
    if (name.startsWith('+')) {
      members.push(keeps(known?.members.find((m) => m.number === name)) ?? { number: name, ...options });
      continue;
    }
    const user = (await listUsers(db, company, { after: 0, limit: 1, extension: name })).items[0];
    if (!user) throw new RowRefused([{ column: 'members', message: `${name} is no extension of a user` }]);
    members.push(keeps(known?.members.find((m) => m.userId === user.id)) ?? { userId: user.id, ...options });
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
    'stepMs',
    'primaryBusy',
    'calendar',
    'fallbackType',
    'fallback',
    'waitPrompt',
    'comfort',
    'namePrefix',
    'alert',
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
      stepMs: values.stepMs === '' ? null : integerCell(values, 'stepMs'),
      primaryBusy: booleanCell(values, 'primaryBusy'),
      calendarId: await namedCell(importing, 'calendar', 'calendar', values.calendar),
      fallback: await destinationCell(importing, values, { type: 'fallbackType', name: 'fallback' }),
      waitPromptId: await namedCell(importing, 'prompt', 'waitPrompt', values.waitPrompt),
      comfort: values.comfort || undefined,
      namePrefix: values.namePrefix,
      alert: textOrNull(values, 'alert'),
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
    const reading = { db, company };
    const [calendars, prompts] = [await namesOf(reading, 'calendar'), await namesOf(reading, 'prompt')];
    for await (const g of allPages((after, limit) => listRingGroups(db, company, after, limit))) {
      const members: string[] = [];
      for (const m of g.members) {
        const user = m.userId ? await getUser(db, company, m.userId) : null;
        const name = user?.extension ?? m.number;
        if (name) members.push(`${name}${optionText(m)}`);
      }
      yield [
        g.name,
        g.extension,
        g.strategy,
        String(g.member_ring_ms),
        String(g.total_ring_ms),
        ...[g.visible, g.broadcast, g.pickup_disabled, g.member_login].map(yes),
        members.join(' '),
        g.step_ms === null ? null : String(g.step_ms),
        yes(g.primary_busy),
        calendars.get(g.calendar_id ?? '') ?? null,
        g.fallback_type,
        await destinationName(reading, g.fallback_type, g.fallback_id),
        prompts.get(g.wait_prompt_id ?? '') ?? null,
        g.comfort,
        g.name_prefix,
        g.alert,
      ];
    }
  },
};
