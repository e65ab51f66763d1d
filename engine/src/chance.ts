/** Chance as a pure function of a number kept in state (mulberry32); seeded by the call's start (design §3). */

/** One draw: an integer in 0 … 2³²−1 and the generator's next state. */
export function draw(state: number): { readonly value: number; readonly next: number } {
  const next = (state + 0x6d2b79f5) >>> 0;
  let t = next;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return { value: (t ^ (t >>> 14)) >>> 0, next };
}

/** A permutation of `items` drawn from `seed` (Fisher–Yates). */
export function shuffle<T>(items: readonly T[], seed: number): T[] {
  const out = [...items];
  let state = seed >>> 0;
  for (let i = out.length - 1; i > 0; i -= 1) {
    const drawn = draw(state);
    state = drawn.next;
    const j = drawn.value % (i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}
