/** Dialled numbers as destinations: routed by the company's rules, as when a user dials them. */
import type { Destination, IoResult } from '@callwright/engine';
import { classify } from '@callwright/engine/numbers';
import { localeOf } from '../owners.ts';
import { decideRoute } from '../routing/decide-route.ts';
import { type LoadedRouting, loadRouting } from '../routing/routing-load.ts';
import type { Db } from '../scope.ts';
import { type Asking, type DestinationType, NOT_FOUND, type ResolveOther } from './destination-type.ts';
import { resolveOutside, trunksFor } from './outside.ts';

/** A number that leads to a number … so often, leads nowhere. */
const MAX_HOPS = 5;

/** What a number dialled inside the company leads to, for a leg on the account that asks. */
export async function lookUpNumber(
  db: Db,
  companyId: string,
  dialled: string,
  asking: Asking,
  other: ResolveOther,
  hops = 0,
): Promise<IoResult> {
  const decided = await decideRoute(db, {
    companyId,
    role: 'user',
    userId: asking.userId,
    calling: null,
    trunkId: null,
    dialled,
    at: asking.at,
  });
  if (!decided) return NOT_FOUND;
  const { destination, trunks } = decided.decision;
  if (!destination) return NOT_FOUND;
  // a code that leads to a number: it is routed as if it had been dialled
  if (decided.feature && destination.type === 'number' && hops < MAX_HOPS)
    return lookUpNumber(db, companyId, destination.id, asking, other, hops + 1);
  return followDestination(db, companyId, destination, trunks, asking, other, 0, decided.loaded);
}

/** A number that is outside, whatever is dialled here by the same digits, through these trunks. */
export async function lookUpVia(
  db: Db,
  companyId: string,
  dialled: string,
  trunks: readonly string[],
  asking: Asking,
): Promise<IoResult> {
  const loaded = await loadRouting(db, { companyId, dialled, calling: null });
  if (!loaded) return NOT_FOUND;
  const found = loaded.class;
  return resolveOutside(db, companyId, { class: found, trunks: trunksFor(loaded, found, trunks) }, asking);
}

/** What was loaded for a number as it was dialled, for the same number or its E.164 form, to which nobody here answers. */
function knownAs(number: string, known: LoadedRouting | null): LoadedRouting | null {
  if (!known || known.called[0] === number) return known;
  if (known.class.e164 !== number || known.table.extension || known.table.number) return null;
  const found = classify(number, localeOf(known.settings).country, known.prefixes);
  return { ...known, called: [number], class: found };
}

const loadAgain = (db: Db, companyId: string, dialled: string, known: LoadedRouting | null) => {
  const country = known ? localeOf(known.settings).country : undefined;
  return loadRouting(db, { companyId, dialled, calling: null, country });
};

/**
 * A destination; one of type `number` is an entity here where one answers to it, else it is dialled outside by the trunks given.
 * `known` is what was loaded for a number before.
 */
export async function followDestination(
  db: Db,
  companyId: string,
  destination: Destination,
  trunks: readonly string[],
  asking: Asking,
  other: ResolveOther,
  hops = 0,
  known: LoadedRouting | null = null,
): Promise<IoResult> {
  if (destination.type !== 'number') return other(db, companyId, destination, asking);
  const loaded = knownAs(destination.id, known) ?? (await loadAgain(db, companyId, destination.id, known));
  if (!loaded || hops >= MAX_HOPS) return NOT_FOUND;
  const { class: found } = loaded;
  const here = found.kind === 'emergency' ? null : entityOf(loaded);
  if (here) return followDestination(db, companyId, here, trunks, asking, other, hops + 1, loaded);
  if (loaded.table.number && found.kind !== 'emergency') return NOT_FOUND;
  return resolveOutside(db, companyId, { class: found, trunks: trunksFor(loaded, found, trunks) }, asking);
}

const entityOf = ({ table }: LoadedRouting): Destination | null => table.extension ?? table.number?.destination ?? null;

export const number: DestinationType = {
  type: 'number',
  servedBy: null,
  offered: true,
  exists: async (_db, _scope, id) => /^\+?[0-9*#]{1,64}$/.test(id),
  resolve: lookUpNumber,
};
