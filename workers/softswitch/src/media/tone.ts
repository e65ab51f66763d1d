/**
 * Tones as `tone_stream://` writes them: segments `%(onMs,offMs,f1[,f2…])` with optional settings `v=<volume dB>`, `l=<loops>`,
 * `L=<loops>` and `;`, and a `;loops=N` at the end of the URL (N = -1: for ever).
 */
import { SAMPLE_RATE } from './source.ts';

/** One segment: the tones sound together for `onMs`, then `offMs` of silence. */
export interface ToneSegment {
  readonly onMs: number;
  readonly offMs: number;
  readonly frequencies: readonly number[];
  readonly volumeDb: number;
}

/** A parsed tone: segments in order, played `loops` times (-1 = for ever). */
export interface ToneSpec {
  readonly segments: readonly ToneSegment[];
  readonly loops: number;
}

/** Bounds that keep one rendered tone below 1 MB. */
const MAX_TOTAL_MS = 60_000;
const MAX_SEGMENTS = 64;
const MAX_FREQUENCIES = 8;
const DEFAULT_VOLUME_DB = -7;

/** DTMF pairs (ITU-T Q.23), played when a tone is written as a bare digit. */
const DTMF: Readonly<Record<string, readonly [number, number]>> = {
  1: [697, 1209],
  2: [697, 1336],
  3: [697, 1477],
  A: [697, 1633],
  4: [770, 1209],
  5: [770, 1336],
  6: [770, 1477],
  B: [770, 1633],
  7: [852, 1209],
  8: [852, 1336],
  9: [852, 1477],
  C: [852, 1633],
  '*': [941, 1209],
  0: [941, 1336],
  '#': [941, 1477],
  D: [941, 1633],
};
const DIGIT_ON_MS = 250;
const DIGIT_OFF_MS = 50;

interface Draft {
  segments: ToneSegment[];
  volumeDb: number;
  repeat: number;
}

function parseSegment(text: string, volumeDb: number): ToneSegment | null {
  const numbers = text.split(',').map((part) => Number(part.trim()));
  const [onMs, offMs, ...frequencies] = numbers;
  if (numbers.some((n) => !Number.isFinite(n) || n < 0) || onMs === undefined || offMs === undefined) return null;
  if (frequencies.length === 0 || frequencies.length > MAX_FREQUENCIES) return null;
  if (frequencies.some((f) => f >= SAMPLE_RATE / 2)) return null;
  return { onMs, offMs, frequencies: frequencies.filter((f) => f > 0), volumeDb };
}

/** Reads one setting or digit string between segments; false = not understood. */
function parseItem(item: string, draft: Draft): boolean {
  const setting = /^([vlL])\s*=\s*(-?\d+(?:\.\d+)?)$/.exec(item);
  if (setting) {
    const value = Number(setting[2]);
    if (setting[1] === 'v') draft.volumeDb = Math.max(-63, Math.min(0, value));
    else draft.repeat = Math.max(1, Math.min(1000, value));
    return true;
  }
  if (!/^[0-9A-D*#]+$/.test(item)) return false;
  for (const digit of item) {
    const frequencies = DTMF[digit];
    if (frequencies) {
      draft.segments.push({ onMs: DIGIT_ON_MS, offMs: DIGIT_OFF_MS, frequencies, volumeDb: draft.volumeDb });
    }
  }
  return true;
}

/** Parses the part after `tone_stream://`; null when it is not a tone or is over the bounds. */
export function parseTone(text: string): ToneSpec | null {
  let loops = 1;
  const body = text.replace(/;\s*loops=(-?\d+)/g, (_, n: string) => {
    loops = Number(n);
    return '';
  });
  const draft: Draft = { segments: [], volumeDb: DEFAULT_VOLUME_DB, repeat: 1 };
  const pattern = /%\(([^)]*)\)|([^%;]+)|;/gy;
  let end = 0;
  for (let match = pattern.exec(body); match; match = pattern.exec(body)) {
    end = pattern.lastIndex;
    if (match[1] !== undefined) {
      const segment = parseSegment(match[1], draft.volumeDb);
      if (!segment) return null;
      draft.segments.push(segment);
    } else if (match[2]?.trim() && !parseItem(match[2].trim(), draft)) return null;
  }
  if (end !== body.length || draft.segments.length === 0 || draft.segments.length > MAX_SEGMENTS) return null;
  const totalMs = draft.segments.reduce((sum, s) => sum + s.onMs + s.offMs, 0);
  if (totalMs <= 0 || totalMs * draft.repeat > MAX_TOTAL_MS) return null;
  const segments = Array.from({ length: draft.repeat }, () => draft.segments).flat();
  return { segments, loops: loops === 0 ? 1 : Math.max(-1, loops) };
}

/** Samples of one loop of a tone. Phase runs on from the segment's start; edges get 2 ms ramps against clicks. */
export function renderTone(spec: ToneSpec): Int16Array {
  const samplesOf = (ms: number) => Math.round((ms * SAMPLE_RATE) / 1000);
  const total = spec.segments.reduce((sum, s) => sum + samplesOf(s.onMs) + samplesOf(s.offMs), 0);
  const pcm = new Int16Array(total);
  const ramp = samplesOf(2);
  let at = 0;
  for (const segment of spec.segments) {
    const on = samplesOf(segment.onMs);
    const amplitude = (32767 * 10 ** (segment.volumeDb / 20)) / Math.max(1, segment.frequencies.length);
    for (let i = 0; i < on; i++) {
      let value = 0;
      for (const frequency of segment.frequencies) value += Math.sin((2 * Math.PI * frequency * i) / SAMPLE_RATE);
      const edge = Math.min(1, (i + 1) / ramp, (on - i) / ramp);
      pcm[at + i] = Math.round(value * amplitude * edge);
    }
    at += on + samplesOf(segment.offMs);
  }
  return pcm;
}
