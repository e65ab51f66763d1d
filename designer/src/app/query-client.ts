import { QueryClient } from '@tanstack/react-query';

/** One cache of server data for all pages. */
export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 5_000, retry: 1 } },
});
