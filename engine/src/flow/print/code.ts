/** A little TypeScript as data, and how it is laid out: on one line where that fits, else one item per line. */
import type { JsonValue } from '../../protocol/index.ts';

/** An expression to be written. */
export type Code =
  | { readonly text: string }
  /** `expanded`: one member per line, however short. */
  | { readonly members: readonly (readonly [string, Code])[]; readonly expanded?: boolean }
  | { readonly items: readonly Code[] }
  | { readonly call: string; readonly args: readonly Code[] };

const WIDTH = 120;

/** Invisible and direction-changing characters (Unicode Cf, line separators), which would make code look other than it is. */
const UNSEEN = /[\p{Cf}\u2028\u2029\u007f-\u009f]/gu;

/** A string literal that holds exactly this text, whatever it is. */
export function stringLiteral(text: string): string {
  const [single, double] = [text.split("'").length, text.split('"').length];
  const quote = single > double ? '"' : "'";
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replace(/\\.|'/g, (found) => {
      if (found === '\\"') return quote === '"' ? found : '"';
      return found === "'" && quote === "'" ? "\\'" : found;
    })
    .replace(UNSEEN, (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`);
  return quote + inner + quote;
}

function numberLiteral(value: number): string {
  const text = JSON.stringify(value);
  return /^-?[0-9]{5,}$/.test(text) ? text.replace(/\B(?=([0-9]{3})+$)/g, '_') : text;
}

function keyText(key: string): string {
  // as a plain member it would set the prototype
  if (key === '__proto__') return `['__proto__']`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : stringLiteral(key);
}

/** JSON as code. */
export function jsonCode(value: JsonValue): Code {
  if (typeof value === 'string') return { text: stringLiteral(value) };
  if (typeof value === 'number') return { text: numberLiteral(value) };
  if (value === null || typeof value === 'boolean') return { text: String(value) };
  if (Array.isArray(value)) return { items: value.map(jsonCode) };
  return { members: Object.entries(value).map(([key, member]) => [key, jsonCode(member)] as const) };
}

/** On one line; null where the style wants more than one. */
function flat(code: Code): string | null {
  if ('text' in code) return code.text;
  if ('members' in code) {
    if (code.expanded && code.members.length > 0) return null;
    const members = joined(code.members.map(([key, value]) => [keyText(key), flat(value)]));
    return members === '' ? '{}' : members && `{ ${members} }`;
  }
  if ('items' in code) {
    if (isTable(code.items)) return null;
    const items = joined(code.items.map((item) => [null, flat(item)]));
    return items === null ? null : `[${items}]`;
  }
  const args = joined(code.args.map((arg) => [null, flat(arg)]));
  return args === null ? null : `${code.call}(${args})`;
}

function joined(parts: readonly (readonly [string | null, string | null])[]): string | null {
  if (parts.some(([, value]) => value === null)) return null;
  return parts.map(([key, value]) => (key === null ? value : `${key}: ${value}`)).join(', ');
}

/** Rows of two members or more stand below each other. */
function isTable(items: readonly Code[]): boolean {
  return items.length > 1 && items.every((item) => 'members' in item && item.members.length > 1);
}

/**
 * Code as text. `indent` = spaces before the line it stands on, `used` = columns already taken on that line, `after` = columns needed behind it.
 */
export function layOut(code: Code, indent: number, used: number, after: number): string {
  const line = flat(code);
  if (line !== null && used + line.length + after <= WIDTH) return line;
  if ('text' in code) return code.text;
  const inner = indent + 2;
  const pad = ' '.repeat(inner);
  const close = ' '.repeat(indent);
  if ('members' in code) {
    const lines = code.members.map(([key, value]) => {
      const head = `${pad}${keyText(key)}: `;
      return `${head}${layOut(value, inner, head.length, 1)},\n`;
    });
    return `{\n${lines.join('')}${close}}`;
  }
  if ('items' in code) {
    const lines = code.items.map((item) => `${pad}${layOut(item, inner, inner, 1)},\n`);
    return `[\n${lines.join('')}${close}]`;
  }
  const last = code.args.at(-1)!;
  const before = code.args.slice(0, -1).map(flat);
  const hugs = code.args.length <= 2 && !('text' in last) && !('call' in last) && !before.includes(null);
  if (hugs) {
    const head = `${code.call}(${before.map((arg) => `${arg}, `).join('')}`;
    return `${head}${layOut(last, indent, WIDTH, 1)})`;
  }
  const lines = code.args.map((arg) => `${pad}${layOut(arg, inner, inner, 1)},\n`);
  return `${code.call}(\n${lines.join('')}${close})`;
}
