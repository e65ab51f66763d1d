import { describe, expect, it } from 'vitest';
import { splitArguments } from './arguments.ts';

describe('application arguments', () => {
  it.each([
    ['1 2 3', ['1', '2', '3']],
    ["1 'a b' c", ['1', 'a b', 'c']],
    ['x \\d+ y', ['x', '\\d+', 'y']],
    ["it\\'s a", ["it's", 'a']],
    ["a '' b", ['a', '', 'b']],
    ['  a  ', ['a']],
    ['', []],
  ])('%s', (text, parts) => {
    expect(splitArguments(text)).toEqual(parts);
  });
});
