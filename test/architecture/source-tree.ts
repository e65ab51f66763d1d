/** The sources of the workspace, parsed: what each file imports and its syntax tree. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A node of the ESTree, read generically. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** Relative to the checkout, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly program: SyntaxNode;
}

const TOP_LEVEL = ['engine', 'flows', 'workers', 'api', 'designer', 'test'];
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.cache', '.data', 'templates', 'fixtures']);

/** Parses one file; throws when it is not valid. */
export function parse(path: string, text: string): SourceFile {
  const { program, module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const isTypeStatement = (start: number) => /^(import|export)\s+type\s/.test(text.slice(start, start + 20));
  const imports: Import[] = [
    // `import { type X }` still loads the module at run time; only the statement's own `type` removes it
    ...module.staticImports.map(({ moduleRequest, start }) => ({
      specifier: moduleRequest.value,
      typeOnly: isTypeStatement(start),
    })),
    ...module.staticExports.flatMap(({ entries, start }) =>
      entries.flatMap(({ moduleRequest }) =>
        moduleRequest ? [{ specifier: moduleRequest.value, typeOnly: isTypeStatement(start) }] : [],
      ),
    ),
    ...module.dynamicImports.flatMap(({ moduleRequest }) =>
      literal(text.slice(moduleRequest.start, moduleRequest.end), false),
    ),
  ];
  const tree = program as unknown as SyntaxNode;
  visit(tree, (node) => {
    if (node.type === 'TSImportType')
      imports.push(...literal(text.slice(node.start, node.end).replace(/^import\(\s*|\s*\).*$/gs, ''), true));
  });
  return { path, text, imports, program: tree };
}

/** The text of a string literal, as an import; nothing when it is an expression. */
function literal(source: string, typeOnly: boolean): Import[] {
  const match = /^(['"`])([^'"`$]+)\1$/.exec(source.trim());
  return match?.[2] ? [{ specifier: match[2], typeOnly }] : [];
}

/** Every TypeScript file of the workspace, parsed. */
export function sourceFiles(root = ROOT): SourceFile[] {
  return TOP_LEVEL.flatMap((folder) => walk(join(root, folder))).map((file) =>
    parse(relative(root, file).replaceAll('\\', '/'), readFileSync(file, 'utf8')),
  );
}

function walk(directory: string): string[] {
  let entries: ReturnType<typeof list>;
  try {
    entries = list(directory);
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(path);
    return /\.(ts|tsx|mts|mjs)$/.test(entry.name) ? [path] : [];
  });
}

const list = (directory: string) => readdirSync(directory, { withFileTypes: true });

/** Calls `see` for every node of the tree, with its parent. */
export function visit(
  node: SyntaxNode,
  see: (node: SyntaxNode, parent?: SyntaxNode) => void,
  parent?: SyntaxNode,
): void {
  see(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === 'object' && child !== null && typeof (child as SyntaxNode).type === 'string')
        visit(child as SyntaxNode, see, node);
    }
  }
}

/** Line of a position, from 1. */
export function lineOf(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** Tests, scaffolding and generators: not shipped, so other rules hold for what they may import. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$|(^|\/)src\/test-[^/]+\.ts$/.test(path) || /(^|\/)(test|conformance|scripts)\//.test(path);
}

export const isGenerated = (path: string): boolean => /\.gen\.tsx?$/.test(path);
