/** Names that must stay in their folder: node kinds in engine/nodes, partners in api/partners. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lineOf, ROOT, type SourceFile, type SyntaxNode, visit } from './source-tree.ts';

/** Names of the folders in a folder; a folder that is not there yet holds none. */
export function folderNames(folder: string, root = ROOT): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['node_modules', 'dist'].includes(entry.name))
    .map((entry) => entry.name);
}

/** Places where shared code decides by a node's kind: `node.kind === 'menu'`, or a `switch` on it. */
export function namedKinds({ path, text, program }: SourceFile, kinds: readonly string[]): string[] {
  const found: string[] = [];
  visit(program, (node) => {
    for (const kind of comparedKinds(node))
      if (kinds.includes(kind)) found.push(`${path}:${lineOf(text, node.start)}: names the node kind ${kind}`);
  });
  return found;
}

function comparedKinds(node: SyntaxNode): string[] {
  if (node.type === 'BinaryExpression') {
    const sides = [node.left, node.right] as SyntaxNode[];
    return sides.some(isNodeKind) ? sides.flatMap(textOf) : [];
  }
  if (node.type === 'SwitchStatement' && isNodeKind(node.discriminant as SyntaxNode)) {
    return (node.cases as SyntaxNode[]).flatMap(({ test }) => textOf(test as SyntaxNode | null));
  }
  return [];
}

/** `x.kind` where x is called a node: other unions have a `kind` too. */
function isNodeKind(node: SyntaxNode): boolean {
  if (node.type !== 'MemberExpression' || (node.property as SyntaxNode).name !== 'kind') return false;
  let object = node.object as SyntaxNode;
  if (object.type === 'MemberExpression') object = object.property as SyntaxNode;
  return object.type === 'Identifier' && /node/i.test(object.name as string);
}

function textOf(node: SyntaxNode | null): string[] {
  return node?.type === 'Literal' && typeof node.value === 'string' ? [node.value] : [];
}

/** Places where code names a partner, in an identifier, a text or a comment. */
export function namedPartners({ path, text }: SourceFile, partners: readonly string[]): string[] {
  return partners.flatMap((partner) => {
    const match = new RegExp(`(?<![a-z])${partner.replaceAll('-', '[-_ ]?')}(?![a-z])`, 'i').exec(text);
    return match ? [`${path}:${lineOf(text, match.index)}: names the partner ${partner}`] : [];
  });
}
