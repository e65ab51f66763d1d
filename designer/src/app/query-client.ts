import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiFailure } from '../api/client.ts';

const isSessionOver = (error: unknown) => error instanceof ApiFailure && error.code === 'API_UNAUTHENTICATED';
/** A second try helps only when the API was away. */
const mayWorkLater = (error: unknown) =>
  error instanceof ApiFailure && (error.code === 'offline' || error.code === 'API_UNAVAILABLE');

/** The session ended elsewhere: the log-in page comes back over whatever is shown. */
function noticeLogOut(error: unknown): void {
  if (isSessionOver(error)) queryClient.setQueryData(['session'], null);
}

/** One cache of server data for all pages. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeLogOut }),
  mutationCache: new MutationCache({ onError: noticeLogOut }),
  defaultOptions: { queries: { staleTime: 5_000, retry: (count, error) => count < 1 && mayWorkLater(error) } },
});
