/** Sizes of files and functions (style: file 300 warns, 500 fails; function 40 warns, 80 fails). */
import { isGenerated, isTest, lineOf, type SourceFile, type SyntaxNode, visit } from './source-tree.ts';

export const BUDGET = { file: { warn: 300, fail: 500 }, function: { warn: 40, fail: 80 } } as const;

export interface Size {
  readonly what: 'file' | 'function';
  readonly where: string;
  readonly lines: number;
}

/**
 * The file and its functions, each without the functions inside it: a factory of closures is as big as what it says itself. Generated
 * files have no budget, functions of tests (describe blocks) neither.
 */
export function sizes(file: SourceFile): Size[] {
  const { path, text, program } = file;
  if (isGenerated(path)) return [];
  const found: Size[] = [{ what: 'file', where: path, lines: text.trimEnd().split('\n').length }];
  if (isTest(path)) return found;
  visit(program, (node, parent) => {
    if (!isFunction(node)) return;
    const where = `${path}:${lineOf(text, node.start)} ${nameOf(node, parent)}`.trim();
    found.push({ what: 'function', where, lines: ownLines(node, text) });
  });
  return found;
}

function ownLines(node: SyntaxNode, text: string): number {
  const span = ({ start, end }: SyntaxNode) => lineOf(text, end) - lineOf(text, start);
  return innerFunctions(node).reduce((lines, inner) => lines - span(inner), span(node) + 1);
}

/** The functions directly inside, not those inside them. */
function innerFunctions(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node)
    .flat()
    .filter((value): value is SyntaxNode => typeof value === 'object' && value !== null && 'type' in value)
    .flatMap((child) => (isFunction(child) ? [child] : innerFunctions(child)));
}

/** Sizes above a limit, biggest first, as text. */
export function above(all: readonly Size[], limit: 'warn' | 'fail'): string[] {
  return all
    .filter(({ what, lines }) => lines > BUDGET[what][limit])
    .sort((a, b) => b.lines - a.lines)
    .map(({ what, where, lines }) => `${what} ${where}: ${lines} lines`);
}

const isFunction = ({ type }: SyntaxNode) =>
  ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(type);

function nameOf(node: SyntaxNode, parent: SyntaxNode | undefined): string {
  const own = node.id as SyntaxNode | null;
  const holder = (parent?.key ?? parent?.id) as SyntaxNode | undefined;
  return ((own?.name ?? holder?.name) as string | undefined) ?? '';
}
