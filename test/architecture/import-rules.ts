/** Judges the imports of source files by the table. Pure: the tests plant bad imports. */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { ENGINE_LAYERS, ENGINE_LIBRARIES, TABLE } from './import-table.ts';
import { type Import, isTest, type SourceFile } from './source-tree.ts';

export interface Violation {
  readonly path: string;
  readonly rule: string;
  readonly detail: string;
}

/** Name of the workspace package a file belongs to: the one with the longest folder that holds it. */
export function packageOf(path: string): string | undefined {
  const holders = Object.entries(TABLE).filter(([, { folder }]) => path.startsWith(`${folder}/`));
  return holders.sort(([, a], [, b]) => b.folder.length - a.folder.length)[0]?.[0];
}

/** `@scope/name` or `name` of a bare specifier. */
function packageName(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

/** Everything wrong with the imports of one file. */
export function checkImports(file: SourceFile): Violation[] {
  return file.imports.flatMap((one) =>
    [...checkOne(file.path, one)].map(([rule, detail]) => ({ path: file.path, rule, detail })),
  );
}

function* checkOne(path: string, { specifier }: Import): Generator<[rule: string, detail: string]> {
  const owner = packageOf(path);
  if (specifier.startsWith('.')) {
    yield* checkRelative(path, owner, posix.join(posix.dirname(path), specifier));
    return;
  }
  const name = packageName(specifier);
  if (name === '@callwright/test-support' && !isTest(path)) yield ['test-code', `shipped code imports ${name}`];
  else if (name.startsWith('@callwright/') && !isTest(path) && name !== owner) {
    const rule = owner ? TABLE[owner] : undefined;
    if (rule && !rule.mayImport.includes(name)) yield ['table', `${owner} must not import ${name}`];
  }
  if (specifier === '@callwright/engine/testing' && !mayUseEngineTesting(path))
    yield ['test-code', 'shipped code imports the engine’s testing folder'];
  if (owner === '@callwright/engine' && !isTest(path)) yield* checkEngine(specifier, name);
}

/** The command line and the designer simulate flows for their authors, and the publish gate tries them; nobody else may. */
const mayUseEngineTesting = (path: string) =>
  isTest(path) || ['api/cli/', 'designer/', 'api/src/flows/coverage'].some((start) => path.startsWith(start));

function* checkEngine(specifier: string, name: string): Generator<[string, string]> {
  if (specifier.startsWith('node:') || builtinModules.includes(name))
    yield ['engine-pure', `the engine imports ${specifier}`];
  else if (!ENGINE_LIBRARIES.includes(name))
    yield ['engine-libraries', `the engine imports ${name}, which no decision names`];
}

function* checkRelative(path: string, owner: string | undefined, target: string): Generator<[string, string]> {
  if (packageOf(target) !== owner) yield ['package-border', `reaches into ${target}`];
  if (isTest(path)) return;
  if (!path.startsWith('engine/testing/') && (isTest(target) || target.startsWith('engine/testing/')))
    yield ['test-code', `shipped code imports ${target}`];
  yield* checkLayer(path, target);
}

function* checkLayer(path: string, target: string): Generator<[string, string]> {
  const layer = ENGINE_LAYERS.find(({ folder }) => path.startsWith(folder));
  // the registry is generated from all nodes
  if (!layer || path === 'engine/nodes/registry.gen.ts') return;
  const allowed = [layer.folder, ...layer.mayImport].some((folder) => target.startsWith(folder));
  if (!allowed) yield ['engine-layers', `${layer.folder} imports ${target}`];
  if (!path.startsWith('engine/nodes/')) return;
  const kind = path.split('/')[2];
  if (target.startsWith('engine/nodes/') && target.split('/')[2] !== kind)
    yield ['engine-layers', `the node ${kind} imports ${target}`];
}

/** Cycles of run-time imports inside the workspace, each as the list of its files. */
export function findCycles(files: readonly SourceFile[]): string[][] {
  const known = new Map(files.map((file) => [file.path, file]));
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[][] = [];
  const stack: string[] = [];
  const enter = (path: string) => {
    if (state.get(path) === 'open') cycles.push([...stack.slice(stack.indexOf(path)), path]);
    if (state.has(path)) return;
    state.set(path, 'open');
    stack.push(path);
    for (const { specifier, typeOnly } of known.get(path)?.imports ?? []) {
      const target = posix.join(posix.dirname(path), specifier);
      if (!typeOnly && specifier.startsWith('.') && known.has(target)) enter(target);
    }
    stack.pop();
    state.set(path, 'done');
  };
  for (const { path } of files) enter(path);
  return cycles;
}
