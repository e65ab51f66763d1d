/** Codecs by name: how SDP names them, and their coders. All audio inside is linear 8 kHz mono. */
import { DECODE, ENCODE } from './g711.ts';
import { createG722 } from './g722.ts';
import { createOpus } from './opus.ts';

/** Names as the media server's variables and events have them; SDP's are the same but for case. */
export type CodecName = 'PCMU' | 'PCMA' | 'G722' | 'opus';

/** Turns samples into payloads and back; one per direction of a stream, since some remember what went before. */
export interface Coder {
  /** Encodes 160 samples into `out` from `offset` on; answers the bytes written. */
  encode(pcm: Int16Array, out: Buffer, offset: number): number;
  /** Decodes `data[start, end)` into `pcm`; answers the samples written, 0 for a payload that is none. */
  decode(data: Buffer, start: number, end: number, pcm: Int16Array): number;
  /** Gives memory back. */
  free(): void;
}

export interface CodecSpec {
  readonly name: CodecName;
  /** RTP clock in SDP, which for G.722 is not its sampling rate (RFC 3551 §4.5.2). */
  readonly clockRate: number;
  readonly channels?: number;
  /** Payload type in our own offers: the static one (RFC 3551 table 4), or a usual dynamic one. */
  readonly payload: number;
  readonly fmtp?: string;
  create(): Coder;
}

const FRAME = 160;
const nothing = (): void => {};

function g711(name: 'PCMU' | 'PCMA'): Coder {
  const encoded = ENCODE[name];
  const decoded = DECODE[name];
  return {
    encode(pcm, out, offset) {
      for (let i = 0; i < FRAME; i++) out[offset + i] = encoded[(pcm[i] as number) + 32768] as number;
      return FRAME;
    },
    decode(data, start, end, pcm) {
      for (let i = start; i < end; i++) pcm[i - start] = decoded[data[i] as number] as number;
      return end - start;
    },
    free: nothing,
  };
}

/** G.711 remembers nothing: one coder serves all streams. */
const PCMU = g711('PCMU');
const PCMA = g711('PCMA');

/** In the order of our own offers: what costs nothing first. */
export const CODECS: Readonly<Record<CodecName, CodecSpec>> = {
  PCMU: { name: 'PCMU', clockRate: 8000, payload: 0, create: () => PCMU },
  PCMA: { name: 'PCMA', clockRate: 8000, payload: 8, create: () => PCMA },
  G722: { name: 'G722', clockRate: 8000, payload: 9, create: createG722 },
  opus: {
    name: 'opus',
    clockRate: 48_000,
    channels: 2,
    payload: 111,
    fmtp: 'minptime=10;useinbandfec=1',
    create: createOpus,
  },
};

export const CODEC_NAMES = Object.keys(CODECS) as CodecName[];

/**
 * The codecs that a channel's `absolute_codec_string` or `codec_string` names, e.g. `PCMA,G722@16000h@20i,opus@48000h`; all of ours when
 * neither is set. Names we do not have are left out.
 */
export function codecsOf(variables: ReadonlyMap<string, string>): readonly CodecName[] {
  const list = variables.get('absolute_codec_string') ?? variables.get('codec_string');
  if (!list) return CODEC_NAMES;
  const asked = list.split(',').map((entry) => entry.trim().split('@')[0]!.toLowerCase());
  return asked.flatMap((name) => CODEC_NAMES.filter((known) => known.toLowerCase() === name));
}
