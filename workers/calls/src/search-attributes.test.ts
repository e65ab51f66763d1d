import type { TemporalWorkerConnection } from '@callwright/contract/codec';
import { expect, it } from 'vitest';
import { ensureSearchAttributes } from './search-attributes.ts';

type Connection = TemporalWorkerConnection['connection'];
type Names = Record<string, number>;

/** A server with these attributes; `refuses` is what it says to whoever adds some. */
function server(names: Names | { code: number }, refuses?: () => Error) {
  const added: Names[] = [];
  const operatorService = {
    listSearchAttributes: async () => {
      if ('code' in names) throw Object.assign(new Error('no'), names);
      return { customAttributes: names };
    },
    addSearchAttributes: async ({ searchAttributes }: { searchAttributes: Names }) => {
      if (refuses) throw refuses();
      added.push(searchAttributes);
    },
  };
  const connection = { operatorService } as unknown as Connection;
  return { added, ensure: () => ensureSearchAttributes({ connection, namespace: 'ours' }) };
}

it('adds those that are missing, and nothing where all are there', async () => {
  const { added, ensure } = server({ CompanyId: 2, Other: 1 });
  await ensure();
  expect(added).toEqual([{ CallId: 2, Outcome: 2 }]);
  const whole = server({ CompanyId: 2, CallId: 2, Outcome: 2 }, () => new Error('never asked'));
  await whole.ensure();
});

it('is content when another worker was quicker', async () => {
  const names: Names = {};
  const { ensure } = server(names, () => {
    Object.assign(names, { CompanyId: 2, CallId: 2, Outcome: 2 });
    return new Error('exists');
  });
  await ensure();
});

it('names the remedy when they cannot be added, and passes on a server that is away', async () => {
  await expect(server({ CompanyId: 2, CallId: 2 }, () => new Error('no')).ensure()).rejects.toThrow(
    /namespace ours .*search-attribute create --name Outcome --type Keyword$/,
  );
  await expect(server({ code: 14 }).ensure()).rejects.toMatchObject({ code: 14 });
});

it.each([7, 12])('trusts who runs a server that lets nobody look (%i)', async (code) => {
  const { added, ensure } = server({ code });
  await ensure();
  expect(added).toEqual([]);
});
