import { routes, type Scope } from '@callwright/api-contract';
import { type QueryClient, queryOptions, useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { ApiFailure, call } from '../api/client.ts';

/** Who is logged in; null for nobody. Throws `ApiFailure` `offline` when the API cannot be asked. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => {
    try {
      return await call(routes.getSession);
    } catch (error) {
      if (error instanceof ApiFailure && error.code === 'API_UNAUTHENTICATED') return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** The session; only below `RequireSession`. */
export function useSession() {
  const { data } = useSuspenseQuery(sessionQuery);
  if (!data) throw new Error('no session');
  return data;
}

/** Whether the logged-in account may do what needs a scope; hides only, the API decides. */
export function useMay(): (scope: Scope) => boolean {
  const { scopes } = useSession();
  return (scope) => scopes.includes(scope);
}

/** Nothing of one session is shown in the next; the session itself and the theme stay watched by the page. */
function forgetPages(client: QueryClient): void {
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' && queryKey[0] !== 'theme' });
}

/** Logs in and shows what was asked for. */
export function useLogIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { email: string; password: string }) => call(routes.logIn, { body }),
    onSuccess: (session) => {
      forgetPages(client);
      client.setQueryData(sessionQuery.queryKey, session);
    },
  });
}

/** Logs out and forgets all that was shown. */
export function useLogOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call(routes.logOut),
    onSettled: () => {
      client.setQueryData(sessionQuery.queryKey, null);
      forgetPages(client);
    },
  });
}
