/** The search attributes that calls set must be known to the namespace: a call could not end otherwise. */
import { SEARCH_ATTRIBUTES } from '@callwright/contract';
import type { TemporalWorkerConnection } from '@callwright/contract/codec';

const KEYWORD = 2;
/** gRPC codes of a service that does not let us look or change: Temporal Cloud keeps both for its own tools. */
const NOT_ALLOWED = new Set([7, 12]);

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/**
 * Adds those that the namespace lacks. Throws one plain sentence with the remedy when they cannot be added; where the server lets nobody
 * look, it is taken that whoever runs it has added them.
 */
export async function ensureSearchAttributes({
  connection,
  namespace,
}: Pick<TemporalWorkerConnection, 'connection' | 'namespace'>): Promise<void> {
  const known = async (): Promise<string[] | null> => {
    try {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      return Object.keys(customAttributes ?? {});
    } catch (error) {
      if (NOT_ALLOWED.has(codeOf(error) as number)) return null;
      throw error;
    }
  };
  const missing = await known().then((names) =>
    names === null ? [] : Object.values(SEARCH_ATTRIBUTES).filter((name) => !names.includes(name)),
  );
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // another worker that starts at the same time was quicker
    const names = (await known()) ?? [];
    if (missing.every((name) => names.includes(name))) return;
    const commands = missing.map((name) => `temporal operator search-attribute create --name ${name} --type Keyword`);
    throw new Error(
      `Temporal's namespace ${namespace} lacks search attributes that could not be added. Run: ${commands.join('; ')}`,
      { cause: error },
    );
  }
}
