/** Reads and writes of a page: routes of the contract as queries and mutations, one cache, refreshed by tag. */
import type { AnswerKind, BodyKind, RouteContract } from '@callwright/api-contract';
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type * as z from 'zod';
import { type AnswerOf, type CallInput, call } from '../api/client.ts';
import { tellDone, tellFailure } from './failure.ts';

interface AskOptions {
  readonly enabled?: boolean;
  readonly refetchInterval?: number;
}

/** Answer of a GET route, cached under its tag. */
export function useAsk<P extends z.ZodRawShape, Q extends z.ZodRawShape, R extends AnswerKind>(
  route: RouteContract<P, Q, null, R>,
  input: CallInput<P, Q, null> = {},
  options: AskOptions = {},
) {
  return useQuery({
    queryKey: [route.tag, route.id, input.params, input.query],
    queryFn: ({ signal }) => call(route, { ...input, signal }),
    ...options,
  });
}

/** Form of every list route's answer. */
interface ListAnswer<T> {
  readonly items: readonly T[];
  readonly next?: string | null;
}

/** All pages of a list read so far; `fetchNextPage` reads on. */
export function useAskList<P extends z.ZodRawShape, Q extends z.ZodRawShape, R extends AnswerKind>(
  route: RouteContract<P, Q, null, R>,
  input: CallInput<P, Q, null> = {},
  options: AskOptions = {},
) {
  type Item = AnswerOf<R> extends ListAnswer<infer T> ? T : never;
  const query = useInfiniteQuery({
    queryKey: [route.tag, route.id, 'pages', input.params, input.query],
    queryFn: async ({ pageParam, signal }) => {
      const at = { ...input.query, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return (await call(route, { ...input, query: at as typeof input.query & object, signal })) as ListAnswer<Item>;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
    placeholderData: keepPreviousData,
    ...options,
  });
  return { ...query, items: query.data?.pages.flatMap((page) => page.items) ?? [] };
}

interface TellOptions<A> {
  /** Said when it is done. */
  readonly done?: string;
  /** Tags to read again beside the route's own. */
  readonly refresh?: readonly string[];
  readonly onSuccess?: (answer: A) => void;
  /** Failures are told at the edge of the page unless the page shows them itself. */
  readonly quiet?: boolean;
}

/** Calls a route that changes something, then reads again what the change may have touched. */
export function useTell<P extends z.ZodRawShape, Q extends z.ZodRawShape, B extends BodyKind, R extends AnswerKind>(
  route: RouteContract<P, Q, B, R>,
  { done, refresh = [], onSuccess, quiet = false }: TellOptions<AnswerOf<R>> = {},
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: CallInput<P, Q, B>) => call(route, input),
    onSuccess: (answer) => {
      for (const tag of [route.tag, ...refresh]) void client.invalidateQueries({ queryKey: [tag] });
      if (done) tellDone(done);
      onSuccess?.(answer);
    },
    ...(quiet ? {} : { onError: tellFailure }),
  });
}
