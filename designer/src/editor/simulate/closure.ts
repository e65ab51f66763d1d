/** What a simulation runs: the draft with the published sub-flows it calls, in a world made of the company's users and groups. */
import { routes } from '@callwright/api-contract';
import {
  buildRevision,
  type FlowCatalogue,
  type FlowDocument,
  NO_CATALOGUE,
  type RevisionClosure,
  referencesOf,
} from '@callwright/engine';
import type { TestCallOptions } from '@callwright/engine/testing';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call } from '../../api/client.ts';
import { type Directory, useDirectory } from '../form/directory.ts';

/** Published closures of the flows a document calls, by name. */
async function readSubFlows(names: readonly string[], directory: Directory): Promise<Record<string, RevisionClosure>> {
  const found: Record<string, RevisionClosure> = {};
  for (const name of names) {
    const flow = directory.flows.find((one) => one.name === name);
    if (!flow?.published) continue;
    const params = { id: flow.id, number: String(flow.published.number) };
    found[name] = (await call(routes.getRevision, { params })).closure as RevisionClosure;
  }
  return found;
}

/** The draft as a closure; null until the sub-flows it calls have come. */
export function useClosure(document: FlowDocument): RevisionClosure | null {
  const directory = useDirectory();
  const called = useMemo(
    () =>
      [...new Set(document.nodes.flatMap(referencesOf).flatMap((one) => (one.to === 'flow' ? [one.name] : [])))].sort(),
    [document],
  );
  const subFlows = useQuery({
    queryKey: ['sub-flows', called, directory.flows.map(({ name, published }) => `${name} ${published?.hash}`)],
    queryFn: () => readSubFlows(called, directory),
    enabled: called.length > 0 && directory.flows.length > 0,
  });
  return useMemo(() => {
    if (called.length > 0 && !subFlows.data) return null;
    const catalogue: FlowCatalogue = { ...NO_CATALOGUE, flow: (name) => subFlows.data?.[name] ?? null };
    return buildRevision(document, catalogue).closure;
  }, [document, called, subFlows.data]);
}

/** Entries by id and by unique name: a flow may use either. */
function byIdAndName<T extends { readonly id: string; readonly name: string }, V>(
  items: readonly T[],
  pick: (item: T) => V,
): Record<string, V> {
  return Object.fromEntries(items.flatMap((item) => [item.id, item.name].map((key) => [key, pick(item)])));
}

export const userName = (user: Directory['users'][number]): string =>
  `${user.givenName} ${user.familyName}`.trim() || user.extension;

/** The company as a simulated world: every phone is registered and nobody is busy. */
export function useWorld(): Pick<TestCallOptions, 'users' | 'groups' | 'calendars'> {
  const { users, groups, calendars } = useDirectory();
  return useMemo(
    () => ({
      users: Object.fromEntries(users.map((user) => [user.id, { extension: user.extension, name: userName(user) }])),
      groups: byIdAndName(groups, ({ members, strategy, memberRingMs, totalRingMs }) => ({
        members: members.map((member) => (typeof member === 'string' ? member : (member as { userId: string }).userId)),
        strategy,
        memberRingMs,
        totalRingMs: totalRingMs ?? 60_000,
      })),
      calendars: byIdAndName(calendars, ({ hours }) => hours),
    }),
    [users, groups, calendars],
  );
}
