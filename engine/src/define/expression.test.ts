import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../protocol/index.ts';
import { createExpressions, MAX_INPUT_SIZE, sizeOf } from './expression.ts';

const expressions = createExpressions([
  { name: 'text', type: 'string' },
  { name: 'n', type: 'number' },
  { name: 'flag', type: 'boolean' },
  { name: 'data', type: 'json' },
]);
const values = {
  text: 'ab',
  n: 3,
  flag: true,
  data: { list: [1, 2, 3], name: 'Ada' },
  caller: { number: '100' },
  language: 'en',
};

describe('evaluation', () => {
  test.each<[string, JsonValue]>([
    ['n + 1', 4],
    ['1 + n * 2', 7],
    ['n / 2', 1.5],
    ['n == 3', true],
    ['n % 2 == 1', true],
    ['7 % n', 1],
    ['n * 1.5', 4.5],
    ['text + "c"', 'abc'],
    ['flag && n > 2', true],
    ['data.list[0] + 1', 2],
    ['data.list.exists(x, x == n)', true],
    ['data.list.filter(x, x > 1)', [2, 3]],
    ['size(data.list)', 3],
    ['has(data.missing)', false],
    ['n in [1, 2, 3]', true],
    ['text in ["ab", "cd"]', true],
    ['flag ? text : "x"', 'ab'],
    ['digits("+39 02-12")', '390212'],
    ['round(n / 2)', 2],
    ['caller.number.startsWith("1")', true],
    ['{"a": n}', { a: 3 }],
    ['null', null],
  ])('%s', (source, value) => {
    expect(expressions.check(source, 'any')).toBeNull();
    expect(expressions.evaluate(source, values)).toEqual({ ok: true, value });
  });

  test.each(['1 / 0', 'int(text)', 'data.missing', 'data.list[9]', 'text + n', 'n && flag', 'unknown'])(
    '%s fails without throwing',
    (source) => {
      expect(expressions.evaluate(source, values)).toMatchObject({ ok: false });
    },
  );

  test('infinite results are no value', () => {
    expect(expressions.evaluate('n / 0.0', values)).toEqual({ ok: false, code: 'wrong-type' });
  });
});

describe('check', () => {
  test.each([
    ['1 +', 'syntax'],
    ['nobody == 1', 'unknown-name'],
    ['text.matches("(a+)+$")', 'forbidden-function'],
    ['timestamp("2026-01-01T00:00:00Z")', 'forbidden-function'],
    ['duration("1s")', 'forbidden-function'],
    ['cel.bind(x, text + text, x + x)', 'forbidden-function'],
    ['data.list.map(x, data.list.map(y, y))', 'forbidden-function'],
    ['data.list.map(x, text + text)', 'forbidden-function'],
    ['data.list.map(x, [text, text])', 'forbidden-function'],
    ['b"abc"', null],
    ['text - 1', 'wrong-type'],
  ])('%s: %s', (source, code) => {
    expect(expressions.check(source, 'any')?.code ?? null).toBe(code);
  });

  test('the expected type is held against the inferred one', () => {
    expect(expressions.check('text', 'boolean')?.code).toBe('wrong-type');
    expect(expressions.check('text == "a"', 'boolean')).toBeNull();
    expect(expressions.check('flag', 'number')?.code).toBe('wrong-type');
    expect(expressions.check('data.x', 'boolean')).toBeNull();
  });

  test('a comprehension binds its variable, and only inside', () => {
    expect(expressions.check('data.list.all(x, x > 0)', 'boolean')).toBeNull();
    expect(expressions.check('data.list.all(x, x > 0) && x', 'boolean')).toMatchObject({
      code: 'unknown-name',
      detail: 'x',
    });
    expect([...expressions.names('data.list.all(x, x > n)')].sort()).toEqual(['data', 'n']);
  });

  test('prototype members are not there', () => {
    for (const source of ['data.__proto__', 'data.constructor', 'data["constructor"]', 'caller.toString']) {
      expect(expressions.evaluate(source, values)).toMatchObject({ ok: false });
    }
  });
});

describe('bounds', () => {
  test('a source that is too deep or too long is refused, not run', () => {
    expect(expressions.check(`${'('.repeat(60)}1${')'.repeat(60)}`, 'any')?.code).toBe('syntax');
    expect(expressions.check(Array.from({ length: 150 }, () => 'n').join(' + '), 'any')?.code).toBe('syntax');
  });

  test('a result that is too large is refused', () => {
    const big = { text: 'x'.repeat(20_000) };
    expect(expressions.evaluate('text + text', { ...values, ...big })).toEqual({ ok: false, code: 'too-large' });
    expect(sizeOf('x'.repeat(20_000), MAX_INPUT_SIZE)).toBe(20_000);
  });

  test('the same text and values always give the same, and nothing throws', () => {
    const source = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(
            'n',
            'text',
            'data',
            '.',
            '+',
            '==',
            '(',
            ')',
            '[',
            ']',
            '"a"',
            '1',
            '&&',
            'size',
            ',',
            '?',
            ':',
          ),
          { maxLength: 15 },
        )
        .map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(source, fc.jsonValue({ maxDepth: 3 }), (text, data) => {
        const given = { ...values, data: data as JsonValue };
        expressions.check(text, 'any');
        const first = expressions.evaluate(text, given);
        expect(expressions.evaluate(text, given)).toEqual(first);
        if (first.ok) expect(JSON.parse(JSON.stringify(first.value))).toEqual(first.value);
      }),
      { numRuns: 500 },
    );
  });
});
