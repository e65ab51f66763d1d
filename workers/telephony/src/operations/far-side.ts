/** Whom a leg talks with, as seen from its own instance. */
import type { Leg } from '../legs/leg.ts';
import type { MediaEndpoint } from '../media/endpoint.ts';
import type { TelephonyContext } from './context.ts';

/** The channel here that the leg talks with: another leg's, or the end of a link to another instance. */
export function farSide({ legs, links }: TelephonyContext, leg: Leg): MediaEndpoint | null {
  if (leg.bridged === null) return null;
  return legs.get(leg.bridged)?.readyMedia?.endpoint ?? links.channelOf(leg);
}
