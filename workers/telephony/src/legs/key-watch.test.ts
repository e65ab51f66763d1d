import { describe, expect, it } from 'vitest';
import { createKeyWatch } from './key-watch.ts';

const SEQUENCES = [
  { keys: '##', name: 'blind' },
  { keys: '*1', name: 'attended' },
];

function watch() {
  const found: string[] = [];
  let at = 0;
  const keys = createKeyWatch(
    SEQUENCES,
    1000,
    (name) => found.push(name),
    () => at,
  );
  const press = (text: string, gapMs = 100): string[] => {
    for (const key of text) {
      at += gapMs;
      keys.press(key);
    }
    return found;
  };
  return press;
}

describe('sequences of keys', () => {
  it('are found among other keys, each once', () => {
    expect(watch()('12##3*145')).toEqual(['blind', 'attended']);
    expect(watch()('###')).toEqual(['blind']);
    expect(watch()('####')).toEqual(['blind', 'blind']);
    expect(watch()('#*1')).toEqual(['attended']);
  });

  it('are none when there is a pause between, or only a part', () => {
    expect(watch()('##', 1500)).toEqual([]);
    expect(watch()('#1*')).toEqual([]);
  });
});
