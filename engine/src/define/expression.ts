/**
 * Expressions: CEL, checked before publishing and evaluated while a call runs (docs/adr/expressions.md).
 *
 * Deterministic and bounded: only the functions listed here exist; no clock, no regular expressions, no time zones; comprehensions
 * neither nest nor build text; inputs and results have a size limit. Nothing here throws.
 */
import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js';
import type { JsonValue } from '../protocol/index.ts';
import type { Evaluated } from './behaviour.ts';

/** Types of flow variables; `any` is an expression whose type does not matter. */
export type VariableType = 'string' | 'number' | 'boolean' | 'json' | 'any';

/** Names every expression sees beside the flow's variables. */
export const BUILT_IN_NAMES: readonly string[] = ['caller', 'called', 'language', 'now'];

/** Largest value of a variable, counted in characters of its texts and keys plus 4 per member. */
export const MAX_VALUE_SIZE = 8192;
/** Largest value an expression may read, e.g. an HTTP answer. */
export const MAX_INPUT_SIZE = 32_768;

const LIMITS = { maxAstNodes: 200, maxDepth: 24, maxListElements: 64, maxMapEntries: 64, maxCallArguments: 8 };
const COMPREHENSIONS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
/** Every function an expression may call. */
export const EXPRESSION_FUNCTIONS: ReadonlySet<string> = new Set([
  ...COMPREHENSIONS,
  ...['has', 'size', 'int', 'double', 'string', 'bool', 'dyn', 'round', 'digits'],
  ...[
    'contains',
    'startsWith',
    'endsWith',
    'indexOf',
    'lastIndexOf',
    'substring',
    'split',
    'trim',
    'lowerAscii',
    'upperAscii',
  ],
]);

/** What can be wrong with an expression. */
export type ExpressionProblem =
  | 'syntax'
  | 'unknown-name'
  | 'forbidden-function'
  | 'wrong-type'
  | 'too-large'
  | 'failed';

type Numeric = number | bigint;
const arithmetic: Record<string, (a: Numeric, b: Numeric) => number> = {
  '+': (a, b) => Number(a) + Number(b),
  '-': (a, b) => Number(a) - Number(b),
  '*': (a, b) => Number(a) * Number(b),
  '/': (a, b) => Number(a) / Number(b),
  '%': (a, b) => Number(a) % Number(b),
};

/** JSON knows one kind of number, CEL three: let int and double mix. */
function baseEnvironment(): Environment {
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    unlistedVariablesAreDyn: true,
    limits: LIMITS,
  });
  for (const [operator, apply] of Object.entries(arithmetic)) {
    environment.registerOperator(`int ${operator} double`, apply).registerOperator(`double ${operator} int`, apply);
  }
  return environment
    .registerOperator('double % double', (a: number, b: number) => a % b)
    .registerFunction('round(dyn): double', (value: Numeric) => Math.round(Number(value)))
    .registerFunction('digits(string): string', (text: string) => text.replace(/[^0-9]/g, ''));
}

const base = baseEnvironment();
const CEL_TYPE: Record<Exclude<VariableType, 'any'>, string> = {
  string: 'string',
  boolean: 'bool',
  number: 'dyn',
  json: 'dyn',
};
const FITS: Record<VariableType, readonly string[]> = {
  string: ['string', 'dyn'],
  boolean: ['bool', 'dyn'],
  number: ['int', 'uint', 'double', 'dyn'],
  json: [],
  any: [],
};

type Parsed = { readonly run: ParseResult; readonly problem: null } | { readonly run: null; readonly problem: Problem };
export interface Problem {
  readonly code: ExpressionProblem;
  /** Detail in English: a name, a function, a type. */
  readonly detail: string;
}

/** Expressions over one set of typed variables. Parsed sources are kept; a document has few. */
export interface Expressions {
  /** What is wrong with a source before it runs, or null. */
  check(source: string, expected: VariableType, extra?: readonly string[]): Problem | null;
  evaluate(source: string, values: Readonly<Record<string, JsonValue>>): Evaluated;
  /** Names of variables a source reads. */
  names(source: string): ReadonlySet<string>;
  /** Text and number constants of a source, for state exploration. */
  constants(source: string): readonly (string | number)[];
}

/** False for a name that CEL keeps for itself (`in`, `true`, `int`, `package` …). */
export function isUsableName(name: string): boolean {
  try {
    return (
      base
        .clone()
        .registerVariable(name, 'string')
        .evaluate(name, { [name]: 'x' }) === 'x'
    );
  } catch {
    return false;
  }
}

export function createExpressions(
  variables: readonly { readonly name: string; readonly type: Exclude<VariableType, 'any'> }[],
): Expressions {
  const environment = base.clone();
  const distinct = new Map(variables.map((variable) => [variable.name, variable.type]));
  for (const [name, type] of distinct) if (isUsableName(name)) environment.registerVariable(name, CEL_TYPE[type]);
  const known = new Set([...variables.map((variable) => variable.name), ...BUILT_IN_NAMES]);
  const cache = new Map<string, Parsed>();
  const parse = (source: string): Parsed => {
    const held = cache.get(source);
    if (held) return held;
    const parsed = parseSource(environment, source);
    if (cache.size < 5000) cache.set(source, parsed);
    return parsed;
  };
  return {
    check: (source, expected, extra = []) => {
      const { run, problem } = parse(source);
      if (!run) return problem;
      for (const name of freeNames(run.ast)) {
        if (!known.has(name) && !extra.includes(name)) return { code: 'unknown-name', detail: name };
      }
      return checkType(run, expected);
    },
    evaluate: (source, values) => {
      const { run, problem } = parse(source);
      return run ? runParsed(run, values) : { ok: false, code: problem.code };
    },
    names: (source) => freeNames(parse(source).run?.ast),
    constants: (source) => constantsOf(parse(source).run?.ast),
  };
}

function parseSource(environment: Environment, source: string): Parsed {
  try {
    const run = environment.parse(source);
    const problem = forbidden(run.ast, false);
    return problem ? { run: null, problem } : { run, problem: null };
  } catch (error) {
    return { run: null, problem: { code: 'syntax', detail: summaryOf(error) } };
  }
}

function checkType(run: ParseResult, expected: VariableType): Problem | null {
  const result = run.check();
  if (!result.valid) return { code: 'wrong-type', detail: summaryOf(result.error) };
  const fits = FITS[expected];
  if (fits.length > 0 && !fits.includes(result.type ?? 'dyn')) {
    return { code: 'wrong-type', detail: `${result.type} is not ${expected}` };
  }
  return null;
}

function runParsed(run: ParseResult, values: Readonly<Record<string, JsonValue>>): Evaluated {
  try {
    const value = toJson(run(values));
    if (value === undefined) return { ok: false, code: 'wrong-type' };
    if (sizeOf(value, MAX_INPUT_SIZE) > MAX_INPUT_SIZE) return { ok: false, code: 'too-large' };
    return { ok: true, value };
  } catch {
    return { ok: false, code: 'failed' };
  }
}

/** Message of an error of the CEL library without its source excerpt, which may show personal constants. */
function summaryOf(error: unknown): string {
  const summary = typeof error === 'object' && error !== null && 'summary' in error ? error.summary : '';
  return String(summary).slice(0, 200);
}

/** CEL value as JSON, or undefined for what JSON cannot carry. */
function toJson(value: unknown): JsonValue | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (Array.isArray(value)) {
    const items = value.map(toJson);
    return items.some((item) => item === undefined) ? undefined : (items as JsonValue[]);
  }
  if (typeof value !== 'object' || value === undefined) return undefined;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const entries = Object.entries(value).map(([key, member]) => [key, toJson(member)] as const);
  return entries.some(([, member]) => member === undefined) ? undefined : (Object.fromEntries(entries) as JsonValue);
}

/** Size of a value; stops counting past `limit`. */
export function sizeOf(value: JsonValue, limit: number): number {
  if (typeof value === 'string') return value.length;
  if (value === null || typeof value !== 'object') return 4;
  let size = 0;
  for (const [key, member] of Object.entries(value)) {
    size += 4 + (Array.isArray(value) ? 0 : key.length) + sizeOf(member, limit - size);
    if (size > limit) return size;
  }
  return size;
}

type Visit = {
  readonly op: string;
  readonly name: string | null;
  readonly children: readonly ASTNode[];
  readonly comprehension: boolean;
};

function visit(node: ASTNode): Visit {
  const children: ASTNode[] = [];
  const gather = (value: unknown): void => {
    if (Array.isArray(value)) for (const member of value) gather(member);
    else if (typeof value === 'object' && value !== null && 'op' in value) children.push(value as ASTNode);
  };
  gather(node.args);
  const name = node.op === 'call' || node.op === 'rcall' ? node.args[0] : null;
  return { op: node.op, name, children, comprehension: node.op === 'rcall' && COMPREHENSIONS.has(node.args[0]) };
}

/** The first function that is not allowed, or a comprehension that nests or builds text (its cost would not be linear). */
function forbidden(node: ASTNode, inside: boolean): Problem | null {
  const { op, name, children, comprehension } = visit(node);
  if (name !== null && !EXPRESSION_FUNCTIONS.has(name)) return { code: 'forbidden-function', detail: name };
  if (inside && (comprehension || op === '+' || op === 'list' || op === 'map')) {
    return { code: 'forbidden-function', detail: `${name ?? op} inside a comprehension` };
  }
  for (const [index, child] of children.entries()) {
    const found = forbidden(child, inside || (comprehension && index > 0));
    if (found) return found;
  }
  return null;
}

/** Names read from outside: identifiers that no comprehension binds. */
function freeNames(root: ASTNode | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (node: ASTNode, bound: ReadonlySet<string>): void => {
    if (node.op === 'id' && !bound.has(node.args)) names.add(node.args);
    const { children, comprehension } = visit(node);
    const variable = children[1];
    const inner = comprehension && variable?.op === 'id' ? new Set([...bound, variable.args]) : bound;
    for (const [index, child] of children.entries()) walk(child, index === 0 ? bound : inner);
  };
  if (root) walk(root, new Set());
  return names;
}

function constantsOf(root: ASTNode | undefined): (string | number)[] {
  const found: (string | number)[] = [];
  const walk = (node: ASTNode): void => {
    if (node.op === 'value' && (typeof node.args === 'string' || typeof node.args === 'number')) found.push(node.args);
    if (node.op === 'value' && typeof node.args === 'bigint') found.push(Number(node.args));
    for (const child of visit(node).children) walk(child);
  };
  if (root) walk(root);
  return found;
}
