/**
 * A flow as the TypeScript an author would write: executing it gives the same document (`author.ts`). All text of the flow stands in
 * string literals only, so that no flow can bring code of its own. Drafts that are not finished are written too; the compiler then
 * names what is missing.
 */
import { NODES } from '../../../nodes/registry.gen.ts';
import { EngineError } from '../../errors.ts';
import type { JsonValue } from '../../protocol/index.ts';
import { normalizeDocument } from '../canonical.ts';
import type { FlowDocument, FlowNode, FlowVariable } from '../document.ts';
import { type Code, jsonCode, layOut, stringLiteral } from './code.ts';
import { isSpoken, leanConfig } from './lean-config.ts';

type Member = readonly [string, Code];

/**
 * The module's source. Throws `FLW_CANNOT_BE_CODE` for a document that no author can write: two nodes of one id, two edges of one outcome,
 * edges from nowhere, two variables of one name.
 */
export function printFlow(flow: FlowDocument): string {
  const document = normalizeDocument(flow);
  refuseTwins(document);
  const [first] = document.nodes;
  const members: Member[] = [
    ...(document.title === '' ? [] : [['title', jsonCode(document.title)] as const]),
    ['language', jsonCode(document.language)],
    ...(document.entry === first!.id ? [] : [['entry', jsonCode(document.entry)] as const]),
    ...(document.variables.length === 0 ? [] : [['variables', variablesCode(document.variables)] as const]),
    ['nodes', { members: nodeMembers(document), expanded: true }],
  ];
  const body = layOut({ members, expanded: true }, 0, 0, 0);
  const names = ['flow', 'node', ...(uses(members, 'say') ? ['say'] : [])];
  return `import { ${names.join(', ')} } from '@callwright/engine';\n\nexport default flow(${stringLiteral(document.name)}, ${body});\n`;
}

function refuseTwins({ nodes, edges, variables }: FlowDocument): void {
  const refuseTwice = (what: string, names: readonly string[]): void => {
    const twin = names.find((name, index) => names.indexOf(name) !== index);
    if (twin !== undefined) throw new EngineError('FLW_CANNOT_BE_CODE', `${what} ${twin} twice`);
  };
  const ids = new Set(nodes.map(({ id }) => id));
  refuseTwice(
    'node',
    nodes.map(({ id }) => id),
  );
  refuseTwice(
    'variable',
    variables.map(({ name }) => name),
  );
  refuseTwice(
    'outcome',
    edges.map(({ from, outcome }) => `${from}=${outcome}`),
  );
  const lost = edges.find(({ from }) => !ids.has(from));
  if (lost) throw new EngineError('FLW_CANNOT_BE_CODE', `an edge from ${lost.from}`);
}

function variablesCode(variables: readonly FlowVariable[]): Code {
  const members = variables.map(({ name, type, initial, pii }): Member => {
    const declared = { type, initial, ...(pii ? { pii } : {}) };
    return [name, jsonCode(declared)];
  });
  return { members, expanded: true };
}

function nodeMembers(document: FlowDocument): Member[] {
  let next = 0;
  return document.nodes.map((node): Member => {
    const extras = extrasOf(node, next);
    next = node.number + 1;
    const wires = wiresOf(document, node);
    const args: Code[] = [{ text: stringLiteral(node.kind) }, configCode(node)];
    const ends = NODES[node.kind] !== undefined && isEnd(node);
    if (wires.length > 0 || extras.length > 0 || !ends) args.push({ members: wires });
    if (extras.length > 0) args.push({ members: extras });
    return [node.id, { call: 'node', args }];
  });
}

/** What of a node an author seldom writes: its label, a number out of order, the version of a kind that is not known here. */
function extrasOf(node: FlowNode, next: number): Member[] {
  const version = NODES[node.kind]?.version ?? 1;
  return [
    ...(node.label === '' ? [] : [['label', jsonCode(node.label)] as const]),
    ...(node.number === next ? [] : [['number', jsonCode(node.number)] as const]),
    ...(node.version === version ? [] : [['version', jsonCode(node.version)] as const]),
  ];
}

function outcomesOf(node: FlowNode): readonly string[] {
  const definition = NODES[node.kind];
  const parsed = definition?.config.safeParse(node.config);
  if (!definition || !parsed?.success) return [];
  return [...definition.outcomes(parsed.data), ...(definition.optional?.(parsed.data) ?? [])];
}

function isEnd(node: FlowNode): boolean {
  return NODES[node.kind]!.config.safeParse(node.config).success && outcomesOf(node).length === 0;
}

/** In the order in which the kind names its outcomes; what it does not name comes last. */
function wiresOf({ edges }: FlowDocument, node: FlowNode): Member[] {
  const order = outcomesOf(node);
  const place = (outcome: string): number => (order.includes(outcome) ? order.indexOf(outcome) : order.length);
  return edges
    .filter(({ from }) => from === node.id)
    .sort((a, b) => place(a.outcome) - place(b.outcome))
    .map(({ outcome, to }): Member => [outcome, jsonCode(to)]);
}

function configCode(node: FlowNode): Code {
  return promptCode(leanConfig(NODES[node.kind], node.config));
}

function promptCode(value: JsonValue): Code {
  if (isSpoken(value)) {
    const [{ text }] = value.parts;
    const options = value.bargeIn ? [] : [jsonCode({ bargeIn: false })];
    return { call: 'say', args: [jsonCode(text), ...options] };
  }
  if (value === null || typeof value !== 'object') return jsonCode(value);
  if (Array.isArray(value)) return { items: value.map(promptCode) };
  return { members: Object.entries(value).map(([key, member]): Member => [key, promptCode(member)]) };
}

function uses(members: readonly Member[], name: string): boolean {
  const inCode = (code: Code): boolean => {
    if ('text' in code) return false;
    if ('members' in code) return uses(code.members, name);
    if ('items' in code) return code.items.some(inCode);
    return code.call === name || code.args.some(inCode);
  };
  return members.some(([, code]) => inCode(code));
}
