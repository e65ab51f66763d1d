/** Lays a new folder from its template: a node kind, a partner contract or a speech provider (the three recipes). */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from '../errors.ts';

const TEMPLATES = fileURLToPath(new URL('../../templates', import.meta.url));

export interface Recipe {
  /** Folder that gets the new one. */
  readonly parent: string;
  /** What to do next, after the files are there. */
  readonly next: (folder: string) => readonly string[];
}

export const RECIPES: Readonly<Record<string, Recipe>> = {
  node: { parent: 'engine/nodes', next: (folder) => ['node engine/scripts/generate.ts', `npm test -- ${folder}`] },
  partner: { parent: 'api/partners', next: (folder) => ['node api/partners/src/generate.ts', `npm test -- ${folder}`] },
  speech: { parent: 'workers/speech/src', next: (folder) => [`npm test -- ${folder}`] },
};

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export interface Scaffolded {
  readonly folder: string;
  readonly files: readonly string[];
  readonly next: readonly string[];
}

/** Throws `STA_SCAFFOLD` on an unknown recipe, a name that is no kebab-case word, or a folder that is there already. */
export function scaffold(root: string, recipeName: string, name: string): Scaffolded {
  const recipe = Object.hasOwn(RECIPES, recipeName) ? RECIPES[recipeName] : undefined;
  if (!recipe)
    throw new StartError(
      'STA_SCAFFOLD',
      `Unknown recipe "${recipeName}": use one of ${Object.keys(RECIPES).join(', ')}.`,
    );
  if (!NAME.test(name))
    throw new StartError(
      'STA_SCAFFOLD',
      `"${name}" is no name: use lower-case words with dashes, such as after-call-survey.`,
    );
  const folder = `${recipe.parent}/${name}`;
  if (existsSync(join(root, folder))) throw new StartError('STA_SCAFFOLD', `${folder} is there already.`);
  const files = templates(join(TEMPLATES, recipeName)).map((template) => {
    const target = join(root, folder, fill(template.replace(/\.tmpl$/, ''), name));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, fill(readFileSync(join(TEMPLATES, recipeName, template), 'utf8'), name));
    return target;
  });
  return { folder, files, next: recipe.next(folder) };
}

function templates(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.tmpl'));
}

function fill(text: string, name: string): string {
  const words = name.split('-');
  const pascal = words.map(capital).join('');
  return text
    .replaceAll('__name__', name)
    .replaceAll('{{name}}', name)
    .replaceAll('{{Name}}', pascal)
    .replaceAll('{{camel}}', pascal.charAt(0).toLowerCase() + pascal.slice(1))
    .replaceAll('{{Title}}', capital(words.join(' ')));
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
