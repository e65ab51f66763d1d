/** Music on hold, composed and rendered here, so no recording's licence applies: slow broken chords, 32 s, seamless. */
import { SAMPLE_RATE } from './source.ts';

/** Chords as semitones above A3 (220 Hz): a common I–vi–IV–V turn, each with its own colour. */
const CHORDS: readonly (readonly number[])[] = [
  [3, 7, 10, 14],
  [0, 3, 7, 10],
  [-4, 0, 3, 7],
  [-2, 2, 5, 9],
  [3, 7, 10, 15],
  [-2, 3, 7, 12],
  [-4, 1, 5, 8],
  [-2, 2, 7, 10],
];
const CHORD_SECONDS = 4;
const NOTES_PER_CHORD = 8;
const PATTERN = [0, 2, 1, 3, 2, 1, 3, 2];
const AMPLITUDE = 5200;
const BASS_AMPLITUDE = 3600;

/** Renders the loop once; about 256,000 samples (0.5 MB). */
export function renderMusic(): Int16Array {
  const length = CHORDS.length * CHORD_SECONDS * SAMPLE_RATE;
  const mix = new Float64Array(length);
  const noteLength = (CHORD_SECONDS / NOTES_PER_CHORD) * SAMPLE_RATE;
  CHORDS.forEach((chord, index) => {
    const start = index * CHORD_SECONDS * SAMPLE_RATE;
    addNote(mix, start, frequencyOf((chord[0] as number) - 12), BASS_AMPLITUDE, CHORD_SECONDS);
    PATTERN.forEach((voice, step) => {
      addNote(mix, start + step * noteLength, frequencyOf(chord[voice] as number), AMPLITUDE, 1.6);
    });
  });
  return Int16Array.from(mix, (value) => Math.max(-32768, Math.min(32767, Math.round(value))));
}

function frequencyOf(semitone: number): number {
  return 220 * 2 ** (semitone / 12);
}

/** A plucked tone that wraps round the loop's end, so the loop has no seam. */
function addNote(mix: Float64Array, start: number, frequency: number, amplitude: number, seconds: number): void {
  const count = Math.round(seconds * SAMPLE_RATE);
  for (let i = 0; i < count; i++) {
    const time = i / SAMPLE_RATE;
    const attack = Math.min(1, time / 0.012);
    const release = Math.min(1, (seconds - time) / 0.1);
    const phase = 2 * Math.PI * frequency * time;
    const wave = Math.sin(phase) + 0.35 * Math.sin(2 * phase) + 0.12 * Math.sin(3 * phase);
    const at = (start + i) % mix.length;
    mix[at] = (mix[at] as number) + wave * amplitude * attack * release * Math.exp(-2.6 * time) * 0.6;
  }
}
