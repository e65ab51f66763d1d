import { expect, test } from 'vitest';
import { parseTemplate, renderTemplate } from './template.ts';

test.each([
  ['plain', [{ text: 'plain' }]],
  ['a ${b} c', [{ text: 'a ' }, { expr: 'b' }, { text: ' c' }]],
  ['${ a }${b}', [{ expr: 'a' }, { expr: 'b' }]],
  ['$${a} $', [{ text: '${a} $' }]],
  ['${{"k": "}"}.k}', [{ expr: '{"k": "}"}.k' }]],
  ['${"\\"}"}', [{ expr: '"\\"}"' }]],
  ['', []],
])('%s', (source, parts) => {
  expect(parseTemplate(source)).toEqual(parts);
});

test('an expression that is not closed is no template', () => {
  expect(parseTemplate('a ${b')).toBeNull();
  expect(parseTemplate('${"}"')).toBeNull();
  expect(renderTemplate('a ${b', () => 'x')).toBe('a ${b');
});

test('what an expression gives is not read again as a template', () => {
  expect(renderTemplate('<${a}>', () => '${b}')).toBe('<${b}>');
});
