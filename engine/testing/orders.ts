/** Races on virtual time: a scene is played again and again, with what may happen within a short time in another order each time. */
import type { World } from './world.ts';

/** Something to play, made anew for each order, and what must be true after it. */
export interface Scene {
  readonly world: World;
  readonly check: () => void;
}

/** What happens within this time counts as at once. */
const AT_ONCE_MS = 20;

/** Plays a scene in every order of its first `depth` steps, the rest in the order of time; how many orders that were. */
export function everyOrder(scene: () => Scene, depth: number): number {
  let runs = 0;
  const explore = (choices: readonly number[]): void => {
    let step = 0;
    let width = 0;
    play(scene(), (due) => {
      if (step === choices.length) width = due;
      step += 1;
      return choices[step - 1] ?? 0;
    });
    runs += 1;
    if (choices.length >= depth) return;
    for (let pick = 0; pick < width; pick += 1) explore([...choices, pick]);
  };
  explore([]);
  return runs;
}

/** Plays a scene in `count` orders that are thrown by dice, the same ones at every run. */
export function someOrders(scene: () => Scene, count: number): void {
  for (let seed = 1; seed <= count; seed += 1) {
    let state = seed * 2_654_435_761;
    play(scene(), (due) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * due);
    });
  }
}

/** Lets happen what is due at once, as `pick` chooses, then checks. */
function play({ world, check }: Scene, pick: (due: number) => number): void {
  const until = world.now() + AT_ONCE_MS;
  for (;;) {
    const due = world.heads().filter((one) => one.at <= until);
    if (due.length === 0) break;
    due.sort((a, b) => a.at - b.at || a.seq - b.seq);
    world.happen(due[pick(due.length)] ?? due[0]!);
  }
  check();
}
