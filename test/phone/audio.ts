/** What was heard: tones by Goertzel, prompts by correlation with the file that should have been played. */

/** Share of a block's energy at one frequency, 0…1. */
export function toneShare(samples: Int16Array, frequencyHz: number, rateHz = 8000): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / rateHz);
  let previous = 0;
  let before = 0;
  let energy = 0;
  for (const sample of samples) {
    const current = sample + coefficient * previous - before;
    before = previous;
    previous = current;
    energy += sample * sample;
  }
  if (energy < samples.length * 100) return 0;
  const power = previous * previous + before * before - coefficient * previous * before;
  return Math.min(1, (2 * power) / (samples.length * energy));
}

/** Root mean square of the samples; speech stands far above 100, silence below 20. */
export function loudness(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}

/**
 * Best normalised correlation (−1…1) of `length` samples of `expected` from `from` with any place in `heard`, and that place.
 * The loudest stretch is used when `from` is not given. 1 = the very samples (G.711 costs less than 0.02).
 */
export function findAudio(
  heard: Int16Array,
  expected: Int16Array,
  length = 4000,
  from = loudestStart(expected, length),
) {
  const needle = expected.subarray(from, from + length);
  const needleEnergy = energyOf(needle);
  let best = { correlation: 0, at: -1 };
  if (needle.length === 0 || needleEnergy === 0) return best;
  // a coarse pass on every 4th sample of the needle finds candidates; the fine pass decides
  let window = 0;
  for (let i = 0; i < needle.length && i < heard.length; i++) window += heard[i]! * heard[i]!;
  for (let at = 0; at + needle.length <= heard.length; at++) {
    if (at > 0) window += heard[at + needle.length - 1]! ** 2 - heard[at - 1]! ** 2;
    if (window < needleEnergy / 4 || window > needleEnergy * 4) continue;
    let coarse = 0;
    for (let i = 0; i < needle.length; i += 16) coarse += needle[i]! * heard[at + i]!;
    if ((coarse * 16) / Math.sqrt(needleEnergy * window) < 0.3) continue;
    let dot = 0;
    for (let i = 0; i < needle.length; i++) dot += needle[i]! * heard[at + i]!;
    const correlation = dot / Math.sqrt(needleEnergy * window);
    if (correlation > best.correlation) best = { correlation, at };
  }
  return best;
}

function energyOf(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum;
}

function loudestStart(samples: Int16Array, length: number): number {
  let best = 0;
  let bestEnergy = -1;
  for (let at = 0; at + length <= samples.length; at += 400) {
    const energy = energyOf(samples.subarray(at, at + length));
    if (energy > bestEnergy) [best, bestEnergy] = [at, energy];
  }
  return best;
}

/** A sine, for saying something that can be found again. */
export function sine(frequencyHz: number, ms: number, amplitude = 8000): Int16Array {
  return Int16Array.from({ length: ms * 8 }, (_, i) => amplitude * Math.sin((2 * Math.PI * frequencyHz * i) / 8000));
}

/** Value below which a share `p` of the values lies. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;
}
