/** The HTTP API as data: routes, their schemas and the error catalogue. Browsers, CLI and server import it. */
import { callRoutes } from './calls.ts';
import { consoleRoutes } from './console.ts';
import { groupRoutes, numberRoutes } from './directory.ts';
import { flowRoutes, promptRoutes } from './flows.ts';
import { identityRoutes } from './identity.ts';
import { trunkRoutes } from './trunks.ts';
import { userRoutes } from './users.ts';

export * from './calls.ts';
export * from './console.ts';
export * from './directory.ts';
export * from './errors.ts';
export * from './fields.ts';
export * from './flows.ts';
export * from './identity.ts';
export * from './route.ts';
export * from './trunks.ts';
export * from './users.ts';

/** Every route by id. */
export const routes = {
  ...identityRoutes,
  ...userRoutes,
  ...groupRoutes,
  ...numberRoutes,
  ...promptRoutes,
  ...flowRoutes,
  ...callRoutes,
  ...trunkRoutes,
  ...consoleRoutes,
} as const;

/** Where the routes are mounted. */
export const API_PREFIX = '/api/v1';
