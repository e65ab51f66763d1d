/** Compares what a package imports with what its package.json declares. */
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { isTest, ROOT, type SourceFile } from './source-tree.ts';

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Folders with a package.json, deepest first. */
export function manifestFor(
  path: string,
  root = ROOT,
): { readonly folder: string; readonly manifest: Manifest } | undefined {
  const parts = path.split('/').slice(0, -1);
  for (; parts.length > 0; parts.pop()) {
    const file = join(root, ...parts, 'package.json');
    if (existsSync(file))
      return { folder: parts.join('/'), manifest: JSON.parse(readFileSync(file, 'utf8')) as Manifest };
  }
  return undefined;
}

/** Imports that are not declared; shipped code may not use a development dependency. */
export function undeclared(file: SourceFile): string[] {
  const found = manifestFor(file.path);
  if (!found) return [];
  const { dependencies = {}, devDependencies = {}, name: self } = found.manifest;
  const declared = new Set([
    self,
    ...Object.keys(dependencies),
    ...(isTest(file.path) ? [...Object.keys(devDependencies), 'vitest'] : []),
  ]);
  const names = file.imports
    .filter(({ specifier, typeOnly }) => !specifier.startsWith('.') && !(typeOnly && devDependencies[bare(specifier)]))
    .filter(({ specifier }) => !specifier.startsWith('node:') && !builtinModules.includes(specifier))
    .map(({ specifier }) => bare(specifier));
  return [...new Set(names)]
    .filter((name) => !declared.has(name))
    .map((name) => `${file.path} imports ${name}, which ${found.folder}/package.json does not declare`);
}

function bare(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}
