/**
 * What numbers led to last time. A call to the same number most often leads there again, so that place is looked up while routing still
 * decides; where routing decides otherwise, what was looked up is dropped. Nothing here is ever believed.
 */
import type { Destination } from '@callwright/engine';
import type { RouteRequest } from './decide-route.ts';

const MOST = 10_000;
const led = new Map<string, Destination>();

const keyOf = ({ companyId, role, dialled }: RouteRequest): string => `${companyId} ${role} ${dialled}`;

/** Where the number led last; null when that is not known. */
export const expectedDestination = (request: RouteRequest): Destination | null => led.get(keyOf(request)) ?? null;

export function rememberDestination(request: RouteRequest, { type, id }: Destination): void {
  const key = keyOf(request);
  // the one that was asked for longest ago goes first
  led.delete(key);
  led.set(key, { type, id });
  const [oldest] = led.keys();
  if (led.size > MOST && oldest !== undefined) led.delete(oldest);
}
