/** What offer and answer settle for an audio stream. */
import { type AudioCodec, CODECS, isOwn } from './codec/coder.ts';
import type { StreamTerms } from './secure/leg-security.ts';

/** What SDP settled for a stream. */
export interface StreamTarget {
  readonly address: string;
  readonly port: number;
  readonly codec: AudioCodec;
  /** Payload type of the codec towards the far end, and that which the far end uses. */
  readonly payload: number;
  readonly receivedPayload: number;
  /** Payload type of telephone-event towards the far end; null = it has none. */
  readonly keyPayload: number | null;
  /** Payload type the far end uses for telephone-event towards us. */
  readonly receivedKeyPayload: number | null;
  /** Clock of telephone-event. */
  readonly keyRate: number;
  /** False while the far end holds us (sendonly or inactive on its side). */
  readonly send: boolean;
  readonly receive: boolean;
  readonly terms: StreamTerms;
}

/** The codec of a received packet; phones switch between the two kinds of G.711 as they like, so both are always known. */
export function heardCodec(payload: number, target: StreamTarget): AudioCodec | null {
  const { codec, receivedPayload } = target;
  if (payload === receivedPayload || (isOwn(codec) && payload === CODECS[codec].payload)) return codec;
  if (!isOwn(codec)) return null;
  return payload === 0 ? 'PCMU' : payload === 8 ? 'PCMA' : null;
}
