/** What a trunk is offered: sound as protected as its signalling, in its codecs. Pure. */
import type { TelephonyTrunk } from '@callwright/store';
import type { Branch } from '../sip/outbound-phone.ts';
import { type Protection, protectionOf } from '../sip/protection.ts';
import { offerOf } from './codecs.ts';

/** What is offered with keys in SDP, and without. */
export interface Offers {
  readonly sdes: string;
  readonly plain: string;
}

/** Kinds of sound that the media server is to offer, so that each of the trunks can be called. */
export const trunkProtections = (trunks: readonly Pick<TelephonyTrunk, 'transport'>[]): readonly Protection[] =>
  trunks.some(({ transport }) => transport === 'tls') ? ['sdes'] : ['plain'];

/** Over a hop with TLS keys in SDP come first, and plain sound where those are not taken (488). */
export function trunkOffer(
  trunk: Pick<TelephonyTrunk, 'codecs' | 'codecs_forced'>,
  branch: Pick<Branch, 'uri' | 'proxy'>,
  { sdes, plain }: Offers,
): Required<Pick<Branch, 'offerOf'>> & Pick<Branch, 'secondOffer'> {
  // a trunk whose forced codecs we cannot offer was passed over
  const inCodecs = (sdp: string): string => offerOf(sdp, trunk.codecs, trunk.codecs_forced) ?? sdp;
  const first = inCodecs(protectionOf(branch) === 'sdes' ? sdes : plain);
  const second = inCodecs(plain);
  return { offerOf: () => first, ...(first === second ? {} : { secondOffer: second }) };
}
