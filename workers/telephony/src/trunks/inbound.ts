/** Requests that come from trunks: whose they are, who calls through them, and whom. */
import { isIP } from 'node:net';
import type { Coordinates } from '@callwright/engine';
import { spellings } from '@callwright/engine/numbers';
import {
  companyOfTrunkCall,
  type Db,
  type OwnerSettings,
  type TelephonyTrunk,
  trunksOfRequest,
} from '@callwright/store';
import type { SipRequest } from '../sip/drachtio.ts';
import { hasControl } from '../sip/headers.ts';
import { calledNumber, trunkCaller } from './presentation.ts';

/** A call that has come by a trunk. */
export interface TrunkCall {
  readonly trunk: TelephonyTrunk;
  readonly companyId: string;
  readonly settings: OwnerSettings;
  /** The number called, after the trunk's edits; as the company keeps it when it is one of its own. */
  readonly dialled: string;
  /** The trunk as calling party, with the outside number that calls. */
  readonly coordinates: Coordinates;
}

export type TrunkFound =
  | { readonly from: 'trunk'; readonly call: TrunkCall }
  /** A trunk's, but nobody it may reach has the number. */
  | { readonly from: 'trunk'; readonly call: null }
  | { readonly from: 'elsewhere' };

/** Whether the request is a trunk's, and what it wants. `certain` when it is sent to a trunk's own Contact. */
export async function findTrunkCall(
  db: Db,
  req: SipRequest,
  requestUser: string,
): Promise<TrunkFound & { readonly certain: boolean }> {
  const address = req.source_address.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0) return { from: 'elsewhere', certain: false };
  const udp = (req.protocol || 'udp').toLowerCase() === 'udp';
  const trunks = await trunksOfRequest(db, { address, port: req.source_port, udp, requestUser });
  const [first] = trunks;
  if (!first) return { from: 'elsewhere', certain: false };
  const certain = first.contactUser === requestUser;
  for (const [dialled, ids] of byNumber(trunks, req, requestUser)) {
    // a company's country is not known before the company is
    const found = await companyOfTrunkCall(db, ids, spellings(dialled));
    const trunk = trunks.find(({ id }) => id === found?.trunkId);
    if (found && trunk) {
      const coordinates = coordinatesOf(trunk, req, found.settings);
      return {
        from: 'trunk',
        certain,
        call: {
          trunk,
          companyId: found.companyId,
          settings: found.settings,
          dialled: found.number ?? dialled,
          coordinates,
        },
      };
    }
  }
  return { from: 'trunk', certain, call: null };
}

/** The numbers that the request may be for, as each trunk reads it. */
function byNumber(trunks: readonly TelephonyTrunk[], req: SipRequest, requestUser: string): Map<string, string[]> {
  const numbers = new Map<string, string[]>();
  for (const trunk of trunks) {
    const dialled = calledNumber(trunk, requestUser, req.get('to') ?? '');
    if (dialled === '' || hasControl(dialled)) continue;
    numbers.set(dialled, [...(numbers.get(dialled) ?? []), trunk.id]);
  }
  return numbers;
}

function coordinatesOf(trunk: TelephonyTrunk, req: SipRequest, settings: OwnerSettings): Coordinates {
  const headers = {
    from: req.get('from') ?? '',
    asserted: req.get('p-asserted-identity'),
    privacy: req.get('privacy'),
  };
  const { number, name } = trunkCaller(trunk, headers, settings.country);
  return { type: 'trunk', id: trunk.id, entityNumber: trunk.number, number, name };
}
