/** What a company has that a flow may name, for pickers and simulation. */
import { type routes as Routes, routes } from '@callwright/api-contract';
import { useQuery } from '@tanstack/react-query';
import { type AnswerOf, call } from '../../api/client.ts';

type ItemsOf<K extends 'listUsers' | 'listRingGroups' | 'listCalendars' | 'listFlows' | 'listPrompts'> = AnswerOf<
  (typeof Routes)[K]['answer']
>['items'];

export interface Directory {
  readonly users: ItemsOf<'listUsers'>;
  readonly groups: ItemsOf<'listRingGroups'>;
  readonly calendars: ItemsOf<'listCalendars'>;
  readonly flows: ItemsOf<'listFlows'>;
  readonly prompts: ItemsOf<'listPrompts'>;
}

export const NO_DIRECTORY: Directory = { users: [], groups: [], calendars: [], flows: [], prompts: [] };

const PAGE = { limit: '500' };
/** Pages of a list that are asked for: pickers of more entries than that need a search of their own. */
const MOST_PAGES = 10;

/** Every entry of a list. */
async function all<T>(
  page: (cursor: string | undefined) => Promise<{ items: T[]; next: string | null }>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const answer = await page(cursor);
    items.push(...answer.items);
    if (answer.next === null) break;
    cursor = answer.next;
  }
  return items;
}

const query = (cursor: string | undefined) => ({ ...PAGE, ...(cursor === undefined ? {} : { cursor }) });

export async function readDirectory(): Promise<Directory> {
  const [users, groups, calendars, flows, prompts] = await Promise.all([
    all((cursor) => call(routes.listUsers, { query: query(cursor) })),
    all((cursor) => call(routes.listRingGroups, { query: query(cursor) })),
    all((cursor) => call(routes.listCalendars, { query: query(cursor) })),
    all((cursor) => call(routes.listFlows, { query: query(cursor) })),
    all((cursor) => call(routes.listPrompts, { query: query(cursor) })),
  ]);
  return { users, groups, calendars, flows, prompts };
}

export const directoryKey = ['editor-directory'] as const;

export function useDirectory(): Directory {
  return useQuery({ queryKey: directoryKey, queryFn: readDirectory, staleTime: 30_000 }).data ?? NO_DIRECTORY;
}
