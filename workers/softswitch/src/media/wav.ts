/** RIFF/WAVE files: PCM 16/8 bit, A-law and µ-law in; PCM 16 bit mono 8 kHz out. */
import { DECODE } from './codec/g711.ts';
import { resample } from './resample.ts';
import { SAMPLE_RATE } from './source.ts';

interface Format {
  tag: number;
  channels: number;
  rate: number;
  bits: number;
}

const FORMAT_PCM = 1;
const FORMAT_ALAW = 6;
const FORMAT_MULAW = 7;
const FORMAT_EXTENSIBLE = 0xfffe;
const MAX_CHANNELS = 8;

/** Bytes of a WAV header as `wavHeader` writes it. */
export const WAV_HEADER_BYTES = 44;

function readFormat(file: Buffer, at: number, size: number): Format | null {
  if (size < 16 || at + size > file.length) return null;
  let tag = file.readUInt16LE(at);
  if (tag === FORMAT_EXTENSIBLE && size >= 26) tag = file.readUInt16LE(at + 24);
  return {
    tag,
    channels: file.readUInt16LE(at + 2),
    rate: file.readUInt32LE(at + 4),
    bits: file.readUInt16LE(at + 14),
  };
}

function sampleReader(file: Buffer, format: Format): ((at: number) => number) | null {
  if (format.tag === FORMAT_PCM && format.bits === 16) return (at) => file.readInt16LE(at);
  if (format.tag === FORMAT_PCM && format.bits === 8) return (at) => ((file[at] as number) - 128) << 8;
  if (format.tag === FORMAT_ALAW && format.bits === 8) return (at) => DECODE.PCMA[file[at] as number] as number;
  if (format.tag === FORMAT_MULAW && format.bits === 8) return (at) => DECODE.PCMU[file[at] as number] as number;
  return null;
}

function mixDown(file: Buffer, at: number, size: number, format: Format): Int16Array | null {
  const read = sampleReader(file, format);
  if (!read || format.channels < 1 || format.channels > MAX_CHANNELS) return null;
  const width = format.bits / 8;
  const frames = Math.floor(size / (width * format.channels));
  const pcm = new Int16Array(frames);
  for (let i = 0; i < frames; i++) {
    let sum = 0;
    for (let channel = 0; channel < format.channels; channel++) {
      sum += read(at + (i * format.channels + channel) * width);
    }
    pcm[i] = Math.round(sum / format.channels);
  }
  return pcm;
}

/** Decodes a WAV file to 8 kHz mono; null when it is not a WAV file of a kind we read. A cut-off file gives what it holds. */
export function decodeWav(file: Buffer): Int16Array | null {
  if (file.length < 12 || file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    return null;
  let format: Format | null = null;
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString('latin1', at, at + 4);
    const size = file.readUInt32LE(at + 4);
    at += 8;
    if (id === 'fmt ') format = readFormat(file, at, size);
    if (id === 'data') {
      if (!format || format.rate < 4000 || format.rate > 192_000) return null;
      const pcm = mixDown(file, at, Math.min(size, file.length - at), format);
      return pcm && (format.rate === SAMPLE_RATE ? pcm : resample(pcm, format.rate, SAMPLE_RATE));
    }
    at += size + (size & 1);
  }
  return null;
}

/** Header of a PCM 16 bit 8 kHz file with `samples` samples in each channel. */
export function wavHeader(samples: number, channels: 1 | 2 = 1): Buffer {
  const frameBytes = channels * 2;
  const bytes = samples * frameBytes;
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + bytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(FORMAT_PCM, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * frameBytes, 28);
  header.writeUInt16LE(frameBytes, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(bytes, 40);
  return header;
}
