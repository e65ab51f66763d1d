/** Files and functions stay small enough to be read at once. */
import { describe, expect, it } from 'vitest';
import { above, sizes } from './size-rules.ts';
import { parse, sourceFiles } from './source-tree.ts';

describe('the tree', () => {
  it('has no file above 500 lines and no function above 80', () => {
    const all = sourceFiles().flatMap(sizes);
    const warnings = above(all, 'warn');
    if (warnings.length > 0)
      console.warn(
        `${warnings.length} files and functions above the soft budget, the biggest:\n  ${warnings.slice(0, 5).join('\n  ')}`,
      );
    expect(above(all, 'fail')).toEqual([]);
  });
});

describe('a planted giant', () => {
  const lines = (count: number) => Array.from({ length: count }, () => '  go();').join('\n');

  it('file fails', () => {
    expect(above(sizes(parse('api/src/x.ts', lines(501))), 'fail')).toEqual(['file api/src/x.ts: 501 lines']);
    expect(above(sizes(parse('api/src/x.ts', lines(500))), 'fail')).toEqual([]);
  });

  it('function fails, whatever its form', () => {
    for (const head of ['function f() {', 'const f = () => {', 'const o = { f() {', 'class A { f() {']) {
      const text = `${head}\n${lines(80)}\n}${head.includes('o =') || head.includes('class') ? ' }' : ''}`;
      expect(above(sizes(parse('api/src/x.ts', text)), 'fail')).toEqual(['function api/src/x.ts:1 f: 82 lines']);
    }
  });

  it('function is not made of the functions inside it', () => {
    const inner = `  function g() {\n${lines(70)}\n  }`;
    expect(above(sizes(parse('api/src/x.ts', `function f() {\n${inner}\n${inner}\n}`)), 'fail')).toEqual([]);
  });
});
