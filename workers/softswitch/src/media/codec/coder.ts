/** Codecs by name: how SDP names them, and their coders. All audio inside is linear 8 kHz mono. */
import { DECODE, ENCODE } from './g711.ts';
import { createG722 } from './g722.ts';
import { createOpus } from './opus.ts';

/** Names as the media server's variables and events have them; SDP's are the same but for case. */
export type CodecName = 'PCMU' | 'PCMA' | 'G722' | 'opus';

/** A format we have no coder for, `<name>/<clock rate>`: its packets go from one party to the other as they are, and nothing else does. */
export type PassedFormat = `${string}/${number}`;

/** What an audio stream may carry. */
export type AudioCodec = CodecName | PassedFormat;

/** The formats a channel may use. */
export interface AllowedCodecs {
  readonly own: readonly CodecName[];
  /** Names in lower case. */
  readonly passedAudio: readonly PassedFormat[];
  readonly passedVideo: readonly PassedFormat[];
}

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

/** All of ours and nothing else: what a channel has that was told nothing. */
export const OWN_CODECS: AllowedCodecs = { own: CODEC_NAMES, passedAudio: [], passedVideo: [] };

/** Makes and hears nothing. */
const MUTE: Coder = { encode: () => 0, decode: () => 0, free: nothing };

/** A coder for one direction of a stream; a passed format has one that makes and hears nothing. */
export const createCoder = (codec: AudioCodec): Coder => (isOwn(codec) ? CODECS[codec].create() : MUTE);

export const isOwn = (codec: AudioCodec): codec is CodecName => Object.hasOwn(CODECS, codec);

/** RTP clock of a codec. */
export const clockRateOf = (codec: AudioCodec): number =>
  isOwn(codec) ? CODECS[codec].clockRate : Number(codec.slice(codec.lastIndexOf('/') + 1));

/** Formats known as video where the list names no clock rate; all of RTP's have this one (RFC 3551 §5). */
const VIDEO = new Set(['h261', 'h263', 'h263-1998', 'h264', 'h265', 'vp8', 'vp9', 'av1']);
const VIDEO_CLOCK = 90_000;
const MAX_PASSED = 16;

/**
 * The formats that a channel's `absolute_codec_string` or `codec_string` names, e.g. `PCMA,G722@16000h@20i,opus@48000h,G729@8000h,H264`;
 * all of ours when neither is set. Names we do not have are formats to be passed on; a clock of 90 kHz says that they are video.
 */
export function codecsOf(variables: ReadonlyMap<string, string>): AllowedCodecs {
  const list = variables.get('absolute_codec_string') ?? variables.get('codec_string');
  if (!list) return OWN_CODECS;
  const own: CodecName[] = [];
  const passed: PassedFormat[] = [];
  for (const entry of list.split(',')) {
    const [name = '', ...traits] = entry.trim().toLowerCase().split('@');
    const known = CODEC_NAMES.find((one) => one.toLowerCase() === name);
    if (known) own.push(known);
    else if (/^[\w.+-]{1,32}$/.test(name) && passed.length < MAX_PASSED) {
      const rate = /^(\d{4,6})h$/.exec(traits.find((trait) => trait.endsWith('h')) ?? '')?.[1];
      passed.push(`${name}/${rate ? Number(rate) : VIDEO.has(name) ? VIDEO_CLOCK : 8000}`);
    }
  }
  const isVideo = (format: PassedFormat): boolean => format.endsWith(`/${VIDEO_CLOCK}`);
  return { own, passedAudio: passed.filter((one) => !isVideo(one)), passedVideo: passed.filter(isVideo) };
}
