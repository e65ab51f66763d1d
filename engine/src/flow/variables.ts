/** Variables of a running flow: typed, bounded, always plain JSON. */
import { MAX_VALUE_SIZE, sizeOf } from '../define/expression.ts';
import type { JsonValue } from '../protocol/index.ts';
import type { FlowVariable } from './document.ts';

type Values = Readonly<Record<string, JsonValue>>;

/** Initial values, with those given from outside where they fit. */
export function initialVariables(declared: readonly FlowVariable[], given: Values): Values {
  const initial = Object.fromEntries(declared.map((variable) => [variable.name, variable.initial]));
  const known = Object.fromEntries(
    declared.filter((variable) => Object.hasOwn(given, variable.name)).map(({ name }) => [name, given[name]!]),
  );
  return assign(declared, initial, known).variables;
}

/** Set variables; a value that cannot be brought into the variable's type, or is too large, is refused and the old one stays. */
export function assign(
  declared: readonly FlowVariable[],
  variables: Values,
  set: Values,
): { variables: Values; refused: string[] } {
  const changed: Record<string, JsonValue> = { ...variables };
  const refused: string[] = [];
  for (const [name, value] of Object.entries(set)) {
    const variable = declared.find((candidate) => candidate.name === name);
    const fitting = variable ? coerce(variable.type, value) : undefined;
    if (fitting === undefined || sizeOf(fitting, MAX_VALUE_SIZE) > MAX_VALUE_SIZE) refused.push(name);
    else changed[name] = fitting;
  }
  return { variables: changed, refused };
}

/** A value in a type, or undefined. Texts become numbers and the reverse; nothing else is guessed. */
export function coerce(type: FlowVariable['type'], value: JsonValue): JsonValue | undefined {
  if (type === 'json') return value;
  if (type === 'string') {
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  }
  if (type === 'boolean') return typeof value === 'boolean' ? value : undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
