/** Which of the independent clients (Debian packages) this machine has; tests that need a missing one are skipped with the reason. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Absolute path of a program on PATH, if it is there. */
export function programPath(name: string): string | undefined {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    try {
      const path = join(dir, name);
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // look on
    }
  }
  return undefined;
}

/** Why a test that needs these programs cannot run here; undefined when it can. */
export function missingPrograms(...names: string[]): string | undefined {
  const missing = names.filter((name) => !programPath(name));
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')}`;
}

/** Skips a test whose programs are missing, with that as its reason; for `beforeEach`. */
export function skipWithout(context: { skip(reason: string): void }, ...names: string[]): void {
  const missing = missingPrograms(...names);
  if (missing) context.skip(missing);
}
