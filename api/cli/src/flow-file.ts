/** Flow files: JSON, or TypeScript whose default export is a flow. Prompt files beside them by the names the flow uses. */
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CliError } from './errors.ts';

export interface LoadedFlow {
  /** As it goes to the API, which checks it: `{ document, layout? }`. */
  readonly file: Readonly<Record<string, unknown>>;
  readonly document: Readonly<Record<string, unknown>>;
  /** Unique name in the company; empty when the file has none. */
  readonly name: string;
  readonly dir: string;
}

const FRESH = '?fresh=';
let hooked = false;
let loads = 0;

/**
 * A flow kept anywhere may import ours: what its own directory does not have is taken from here. Modules that it imports from beside it
 * are read anew with it.
 */
function hookImports(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      try {
        const found = next(specifier, context);
        const [, load] = context.parentURL?.split(FRESH) ?? [];
        return load && specifier.startsWith('.') ? { ...found, url: `${found.url}${FRESH}${load}` } : found;
      } catch (error) {
        if (!specifier.startsWith('@callwright/')) throw error;
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}

/** The file beside a flow's TypeScript that says where its nodes stand on the canvas. */
export function layoutPath(path: string): string {
  return `${path.replace(/\.[cm]?ts$/, '')}.layout.json`;
}

/** Throws `CLI_BAD_FILE`. */
export async function loadFlow(path: string): Promise<LoadedFlow> {
  const full = resolve(path);
  if (!existsSync(full)) throw new CliError('CLI_BAD_FILE', `There is no file ${path}.`);
  const value = extname(full) === '.json' ? readJson(full) : await importFlow(full);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CliError('CLI_BAD_FILE', `${path} holds no flow: its default export, or the JSON, must be an object.`);
  }
  // a document alone, or a file with its layout
  const whole = 'document' in value ? (value as Record<string, unknown>) : { document: value };
  const file = 'layout' in whole ? whole : { ...whole, ...layoutBeside(full) };
  const document = file.document as Readonly<Record<string, unknown>>;
  const name = typeof document?.name === 'string' ? document.name : '';
  return { file, document, name, dir: dirname(full) };
}

function layoutBeside(full: string): { readonly layout?: unknown } {
  const path = layoutPath(full);
  return extname(full) !== '.json' && existsSync(path) ? { layout: readJson(path) } : {};
}

function readJson(full: string): unknown {
  try {
    return JSON.parse(readFileSync(full, 'utf8'));
  } catch (error) {
    throw new CliError('CLI_BAD_FILE', `${full} is not valid JSON: ${(error as Error).message}`);
  }
}

async function importFlow(full: string): Promise<unknown> {
  hookImports();
  loads += 1;
  try {
    return ((await import(`${pathToFileURL(full).href}${FRESH}${loads}`)) as { default?: unknown }).default;
  } catch (error) {
    throw new CliError('CLI_BAD_FILE', `${full} cannot be loaded: ${(error as Error).message}`);
  }
}

export interface PromptFile {
  readonly name: string;
  readonly path: string;
}

/** Files beside the flow for the audio names it uses: `<name>`, `<name>.wav`, also in `prompts/`. */
export function promptFiles({ document, dir }: LoadedFlow): PromptFile[] {
  const found: PromptFile[] = [];
  for (const name of audioNames(document)) {
    const candidates = [dir, join(dir, 'prompts')].flatMap((folder) => [
      join(folder, `${name}.wav`),
      join(folder, name),
    ]);
    const path = candidates.find((candidate) => candidate.endsWith('.wav') && existsSync(candidate));
    if (path) found.push({ name, path });
  }
  return found;
}

/** Every name in `{ type: 'audio', name }` items, wherever they stand; a name may be one per language. */
function audioNames(document: unknown): Set<string> {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { type, name } = value as { type?: unknown; name?: unknown };
    if (type === 'audio') {
      const texts = typeof name === 'string' ? [name] : Object.values((name ?? {}) as object);
      for (const text of texts) if (typeof text === 'string' && /^[a-z0-9][a-z0-9._-]*$/.test(text)) names.add(text);
    }
    for (const item of Object.values(value)) visit(item);
  };
  visit(document);
  return names;
}
