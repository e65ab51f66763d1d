/** Finds key sequences in what a party presses while it talks; a pause, or a key that fits none, starts anew. */

export interface KeyWatch {
  press(key: string): void;
}

export function createKeyWatch(
  sequences: readonly { readonly keys: string; readonly name: string }[],
  betweenMs: number,
  found: (name: string) => void,
  now: () => number = Date.now,
): KeyWatch {
  let pressed = '';
  let lastAt = 0;
  const fits = (keys: string): boolean => sequences.some((one) => one.keys.startsWith(keys));
  return {
    press: (key) => {
      const at = now();
      pressed = at - lastAt > betweenMs ? key : pressed + key;
      lastAt = at;
      // what was pressed before may end where a sequence begins
      while (pressed !== '' && !fits(pressed)) pressed = pressed.slice(1);
      const match = sequences.find((one) => one.keys === pressed);
      if (!match) return;
      pressed = '';
      found(match.name);
    },
  };
}
