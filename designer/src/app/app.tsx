import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { RouterProvider } from 'react-router';
import { useBrand } from './brand.ts';
import { queryClient } from './query-client.ts';
import { router } from './routes.tsx';
import { readableTexts } from './theme.ts';

/** The whole console: theme, dialogs, data layer and pages. */
export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Branded>
        <ModalsProvider>
          <Notifications />
          <RouterProvider router={router} />
        </ModalsProvider>
      </Branded>
    </QueryClientProvider>
  );
}

function Branded({ children }: { readonly children: ReactNode }) {
  const { mantine } = useBrand();
  return (
    <MantineProvider theme={mantine} cssVariablesResolver={readableTexts} defaultColorScheme="auto">
      {children}
    </MantineProvider>
  );
}
