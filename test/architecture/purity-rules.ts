/** What breaks determinism in the engine and its type check does not catch: clock, chance, locale data, the outside. */
import { lineOf, type SourceFile, type SyntaxNode, visit } from './source-tree.ts';

/** Members that read the clock, chance or the machine's locale and zone. */
const MEMBERS = new Set(['Date.now', 'Math.random', 'performance.now', 'crypto.randomUUID', 'crypto.getRandomValues']);
const OBJECTS = new Set(['Intl', 'process', 'console', 'localStorage', 'performance', 'globalThis']);
const FUNCTIONS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'Date']);
/** Methods whose answer depends on the zone or locale of the machine. */
const LOCAL_METHODS =
  /^(toLocale\w*|getTimezoneOffset|get(FullYear|Month|Date|Day|Hours|Minutes|Seconds)|localeCompare)$/;

/** Each impurity with its line. */
export function impurities({ path, text, program }: SourceFile): string[] {
  const found: string[] = [];
  visit(program, (node) => {
    const what = impurity(node);
    if (what) found.push(`${path}:${lineOf(text, node.start)}: ${what}`);
  });
  return found;
}

function impurity(node: SyntaxNode): string | undefined {
  if (node.type === 'MemberExpression') return member(node);
  if (node.type === 'NewExpression' && nameOf(node.callee) === 'Date' && (node.arguments as unknown[]).length === 0)
    return 'new Date()';
  if (node.type === 'CallExpression' && FUNCTIONS.has(nameOf(node.callee) ?? '')) return `${nameOf(node.callee)}()`;
  return undefined;
}

function member(node: SyntaxNode): string | undefined {
  const object = nameOf(node.object);
  const property = nameOf(node.property);
  if (object && OBJECTS.has(object)) return object;
  if (object && property && MEMBERS.has(`${object}.${property}`)) return `${object}.${property}`;
  return property && !node.computed && LOCAL_METHODS.test(property) ? `.${property}` : undefined;
}

function nameOf(value: unknown): string | undefined {
  const node = value as SyntaxNode | undefined;
  return node?.type === 'Identifier' ? (node.name as string) : undefined;
}
