/** WAV (RIFF) reading and writing, and resampling to the 8 kHz of telephony. */
import { SpeechError } from './errors.ts';
import type { Pcm } from './provider.ts';

/** Rate of every prompt as played. */
export const TELEPHONE_RATE_HZ = 8000;

/** Canonical 44-byte header, mono, 16 bit. */
export function encodeWav({ samples, sampleRateHz }: Pcm): Buffer {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

interface WavFormat {
  readonly tag: number;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly bits: number;
}

function readFormat(bytes: Buffer, at: number, length: number): WavFormat {
  if (length < 16 || at + 16 > bytes.length) throw new SpeechError('SPE_AUDIO', 'format chunk is cut');
  let tag = bytes.readUInt16LE(at);
  // WAVE_FORMAT_EXTENSIBLE: the true format is the start of its sub-format GUID
  if (tag === 0xfffe && length >= 26 && at + 26 <= bytes.length) tag = bytes.readUInt16LE(at + 24);
  return {
    tag,
    channels: bytes.readUInt16LE(at + 2),
    sampleRateHz: bytes.readUInt32LE(at + 4),
    bits: bytes.readUInt16LE(at + 14),
  };
}

/** Reads PCM of 8, 16, 24 or 32 bits, any channel count (mixed to mono). Throws `SPE_AUDIO` on anything else. */
export function decodeWav(bytes: Buffer): Pcm {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    throw new SpeechError('SPE_AUDIO', 'not a RIFF/WAVE file');
  }
  let format: WavFormat | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    if (id === 'fmt ') format = readFormat(bytes, at + 8, length);
    if (id === 'data') {
      if (!format) throw new SpeechError('SPE_AUDIO', 'data before format');
      return toMono(bytes.subarray(at + 8, Math.min(at + 8 + length, bytes.length)), format);
    }
    at += 8 + length + (length & 1);
  }
  throw new SpeechError('SPE_AUDIO', 'no data chunk');
}

function sampleReader(data: Buffer, bits: number): (at: number) => number {
  switch (bits) {
    case 8:
      return (at) => (data[at]! - 128) << 8;
    case 16:
      return (at) => data.readInt16LE(at);
    case 24:
      return (at) => data.readIntLE(at, 3) >> 8;
    default:
      return (at) => data.readInt32LE(at) >> 16;
  }
}

function toMono(data: Buffer, format: WavFormat): Pcm {
  const { tag, channels, sampleRateHz, bits } = format;
  const legal = tag === 1 && [8, 16, 24, 32].includes(bits) && channels >= 1 && channels <= 8;
  if (!legal || sampleRateHz < 4000 || sampleRateHz > 192_000) {
    throw new SpeechError(
      'SPE_AUDIO',
      `format ${tag}, ${channels} channels, ${sampleRateHz} Hz, ${bits} bits; PCM is needed`,
    );
  }
  const width = bits / 8;
  const read = sampleReader(data, bits);
  const frames = Math.floor(data.length / (width * channels));
  const samples = new Int16Array(frames);
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += read((frame * channels + channel) * width);
    samples[frame] = Math.round(sum / channels);
  }
  return { samples, sampleRateHz };
}

/** Windowed-sinc resampling with the low-pass at the lower of both Nyquist rates, so that nothing aliases. */
export function resample(pcm: Pcm, sampleRateHz: number): Pcm {
  if (pcm.sampleRateHz === sampleRateHz) return pcm;
  const ratio = sampleRateHz / pcm.sampleRateHz;
  const cutoff = Math.min(1, ratio) * 0.94;
  const half = Math.ceil(16 / cutoff);
  const source = pcm.samples;
  const out = new Int16Array(Math.floor(source.length * ratio));
  for (let i = 0; i < out.length; i++) {
    const centre = i / ratio;
    const first = Math.max(0, Math.ceil(centre - half));
    const last = Math.min(source.length - 1, Math.floor(centre + half));
    let sum = 0;
    for (let j = first; j <= last; j++) sum += source[j]! * kernel(j - centre, cutoff, half);
    out[i] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return { samples: out, sampleRateHz };
}

/** Sinc of the cut-off under a Hann window. */
function kernel(x: number, cutoff: number, half: number): number {
  const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / half);
  const angle = Math.PI * x * cutoff;
  return window * cutoff * (angle === 0 ? 1 : Math.sin(angle) / angle);
}

/** Scales so that the loudest sample stands at `peak` of full scale; silence stays silence. */
export function normalise(pcm: Pcm, peak = 0.6): Pcm {
  let loudest = 0;
  for (const sample of pcm.samples) loudest = Math.max(loudest, Math.abs(sample));
  if (loudest === 0) return pcm;
  const gain = (peak * 32767) / loudest;
  return { samples: pcm.samples.map((sample) => Math.round(sample * gain)), sampleRateHz: pcm.sampleRateHz };
}

/** Length in milliseconds. */
export const durationMs = (pcm: Pcm): number => Math.round((pcm.samples.length * 1000) / pcm.sampleRateHz);

/** Any legal WAV as telephony plays it: 8 kHz, mono, 16 bit. Used for uploads and for rendered speech alike. */
export function toTelephoneWav(bytes: Buffer): { wav: Buffer; durationMs: number } {
  const pcm = resample(decodeWav(bytes), TELEPHONE_RATE_HZ);
  return { wav: encodeWav(pcm), durationMs: durationMs(pcm) };
}
