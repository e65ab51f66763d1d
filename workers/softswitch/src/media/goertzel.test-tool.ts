/** Goertzel's filter: how strong one frequency is in a piece of audio, for tests. */

/** Share of the energy at `frequency`, 0…1. */
export function toneShare(pcm: Int16Array, frequency: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / 8000);
  let one = 0;
  let two = 0;
  let energy = 0;
  for (const sample of pcm) {
    const zero = sample + coefficient * one - two;
    two = one;
    one = zero;
    energy += sample * sample;
  }
  return energy === 0 ? 0 : (2 * (one * one + two * two - coefficient * one * two)) / (pcm.length * energy);
}
