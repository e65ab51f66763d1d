import { createBrowserRouter } from 'react-router';
import { Home } from './home.tsx';

/** Every page below `/console/`; pages beside the first are lazy chunks. */
export const router = createBrowserRouter(
  [
    { path: '/', element: <Home /> },
    { path: '/flows/:id', lazy: async () => ({ Component: (await import('../editor/flow-page.tsx')).FlowPage }) },
  ],
  { basename: '/console' },
);
