/** Activities, monitor and starter of io workers. */
export { type IoParts, ioActivities, poolStart } from './activities.ts';
export { type HttpSender, httpSender } from './http-request.ts';
export { instanceMonitor, LEASE_MS, type Monitor } from './monitor.ts';
export { callStarter, type Starter } from './starter.ts';
export { type AllowedUrl, allowedUrls, isPublicAddress, RefusedUrl, type UrlGuard, urlGuard } from './url-guard.ts';
export * from './webhooks/index.ts';
export { createIoWorker } from './worker.ts';
