import { createBrowserRouter, type RouteObject } from 'react-router';
import { RESOURCES } from '../console/resources/registry.ts';
import { ErrorPage, NotFound, WholeErrorPage } from './error-page.tsx';
import { RequireSession } from './require-session.tsx';
import { Shell } from './shell.tsx';

const resourcePages: RouteObject[] = RESOURCES.map((resource) => ({
  path: resource.key,
  lazy: async () => {
    const { ResourcePage } = await import('../console/resources/resource-page.tsx');
    return { element: <ResourcePage key={resource.key} resource={resource} /> };
  },
}));

const shellPages: RouteObject[] = [
  { index: true, lazy: async () => ({ Component: (await import('../console/start/home-page.tsx')).HomePage }) },
  {
    path: 'start',
    lazy: async () => ({ Component: (await import('../console/start/first-run-page.tsx')).FirstRunPage }),
  },
  { path: 'live', lazy: async () => ({ Component: (await import('../console/calls/live-page.tsx')).LiveCallsPage }) },
  {
    path: 'calls',
    lazy: async () => ({ Component: (await import('../console/calls/history-page.tsx')).CallHistoryPage }),
  },
  { path: 'calls/:id', lazy: async () => ({ Component: (await import('../console/calls/call-page.tsx')).CallPage }) },
  { path: 'flows', lazy: async () => ({ Component: (await import('../console/flows/flows-page.tsx')).FlowsPage }) },
  {
    path: 'prompts',
    lazy: async () => ({ Component: (await import('../console/prompts/prompts-page.tsx')).PromptsPage }),
  },
  { path: 'users/:id', lazy: async () => ({ Component: (await import('../console/users/user-page.tsx')).UserPage }) },
  {
    path: 'caller-lists/:id',
    lazy: async () => ({ Component: (await import('../console/resources/caller-list-page.tsx')).CallerListPage }),
  },
  { path: 'me', lazy: async () => ({ Component: (await import('../console/me/me-page.tsx')).MePage }) },
  {
    path: 'my-calls',
    lazy: async () => ({ Component: (await import('../console/me/my-history-page.tsx')).MyHistoryPage }),
  },
  {
    path: 'my-messages',
    lazy: async () => ({ Component: (await import('../console/me/my-messages-page.tsx')).MyMessagesPage }),
  },
  {
    path: 'my-reach',
    lazy: async () => ({ Component: (await import('../console/me/my-reach-page.tsx')).MyReachPage }),
  },
  {
    path: 'my-phones',
    lazy: async () => ({ Component: (await import('../console/me/my-phones-page.tsx')).MyPhonesPage }),
  },
  { path: 'account', lazy: async () => ({ Component: (await import('../console/me/account-page.tsx')).AccountPage }) },
  {
    path: 'owners/:id',
    lazy: async () => ({ Component: (await import('../console/system/owner-page.tsx')).OwnerPage }),
  },
  { path: 'audit', lazy: async () => ({ Component: (await import('../console/system/audit-page.tsx')).AuditPage }) },
  { path: 'health', lazy: async () => ({ Component: (await import('../console/system/health-page.tsx')).HealthPage }) },
  {
    path: 'wallboard',
    lazy: async () => ({ Component: (await import('../console/queues/wallboard-page.tsx')).WallboardPage }),
  },
  {
    path: 'presence',
    lazy: async () => ({ Component: (await import('../console/presence/presence-page.tsx')).PresencePage }),
  },
  {
    path: 'recordings',
    lazy: async () => ({ Component: (await import('../console/recordings/recordings-page.tsx')).RecordingsPage }),
  },
  {
    path: 'scheduled-calls',
    lazy: async () => ({ Component: (await import('../console/calls/scheduled-page.tsx')).ScheduledCallsPage }),
  },
  {
    path: 'queues/:id',
    lazy: async () => ({ Component: (await import('../console/queues/queue-page.tsx')).QueuePage }),
  },
  {
    path: 'voicemail-boxes/:id',
    lazy: async () => ({ Component: (await import('../console/voicemail/voicemail-box-page.tsx')).VoicemailBoxPage }),
  },
  {
    path: 'meeting-rooms/:id',
    lazy: async () => ({ Component: (await import('../console/rooms/meeting-room-page.tsx')).MeetingRoomPage }),
  },
  {
    path: 'webhooks/:id',
    lazy: async () => ({ Component: (await import('../console/webhooks/webhook-page.tsx')).WebhookPage }),
  },
  {
    path: 'partner-modules/:id',
    lazy: async () => ({
      Component: (await import('../console/partners/partner-module-page.tsx')).PartnerModulePage,
    }),
  },
  {
    path: 'spend-caps',
    lazy: async () => ({ Component: (await import('../console/routing/spend-caps-page.tsx')).SpendCapsPage }),
  },
  {
    path: 'call-keys',
    lazy: async () => ({ Component: (await import('../console/routing/call-keys-page.tsx')).CallKeysPage }),
  },
  {
    path: 'routing-settings',
    lazy: async () => ({
      Component: (await import('../console/routing/routing-settings-page.tsx')).RoutingSettingsPage,
    }),
  },
  {
    path: 'explain',
    lazy: async () => ({ Component: (await import('../console/routing/explain-page.tsx')).ExplainPage }),
  },
  {
    path: 'phone-directory',
    lazy: async () => ({ Component: (await import('../console/system/phone-directory-page.tsx')).PhoneDirectoryPage }),
  },
  {
    path: 'erasing',
    lazy: async () => ({ Component: (await import('../console/erasing/erasing-page.tsx')).ErasingPage }),
  },
  ...resourcePages,
  { path: '*', Component: NotFound },
];

/** Every page below `/console/`; each is a lazy chunk. The editor of a flow takes the whole window, the others share the shell. */
export const router = createBrowserRouter(
  [
    {
      Component: RequireSession,
      ErrorBoundary: WholeErrorPage,
      HydrateFallback: () => null,
      children: [
        { path: 'flows/:id', lazy: async () => ({ Component: (await import('../editor/flow-page.tsx')).FlowPage }) },
        {
          path: 'flows/:id/live',
          lazy: async () => ({ Component: (await import('../live/flow-live-page.tsx')).FlowLivePage }),
        },
        {
          path: 'calls/:id/canvas',
          lazy: async () => ({ Component: (await import('../live/replay-page.tsx')).ReplayPage }),
        },
        { Component: Shell, children: [{ ErrorBoundary: ErrorPage, children: shellPages }] },
      ],
    },
  ],
  { basename: '/console' },
);
