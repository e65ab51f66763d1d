/** Share of a signal's energy that lies at one frequency (Goertzel), 0 to about 1. */
export function toneLevel(samples: Int16Array, hz: number, rate = 8000): number {
  const k = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let before = 0;
  let last = 0;
  let energy = 0;
  for (const sample of samples) {
    [before, last] = [last, sample + k * last - before];
    energy += sample * sample;
  }
  if (energy === 0) return 0;
  return (2 * (last * last + before * before - k * last * before)) / (samples.length * energy);
}
