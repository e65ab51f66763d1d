/** Flows as code: `pull`, `push`, `diff`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { diffFlows, FlowDocument, FlowFile } from '@callwright/engine';
import { type Api, describeDiagnostic } from '../connection.ts';
import { describeDiff } from '../diff-text.ts';
import { CliError } from '../errors.ts';
import { loadFlow } from '../flow-file.ts';
import {
  draftOf,
  type FlowView,
  type FlowWithDraft,
  findFlow,
  getFlow,
  type SyncResult,
  syncFlow,
  writeFlow,
} from '../flow-sync.ts';
import type { Output } from '../output.ts';

export interface PullOptions {
  readonly dir: string;
  readonly force: boolean;
  readonly all: boolean;
}

async function theFlow(api: Api, name: string): Promise<FlowView> {
  const found = await findFlow(api, name);
  if (!found) throw new CliError('CLI_NOT_FOUND', `There is no flow ${name}.`);
  return found;
}

/** Writes drafts as TypeScript; what was changed here meanwhile is kept unless `force`. */
export async function pull(api: Api, out: Output, name: string | undefined, options: PullOptions): Promise<void> {
  if ((name === undefined) !== options.all) throw new CliError('CLI_USAGE', 'Name a flow, or say --all.');
  const views = name === undefined ? await api.all<FlowView>('/flows') : [await theFlow(api, name)];
  const pulled: { flow: string; path: string; result: SyncResult }[] = [];
  for (const view of views) pulled.push(await pullOne(api, view, options));
  out.show(pulled, () => pulled.map(({ flow, path, result }) => `${flow} ${result}: ${path}`));
}

async function pullOne(api: Api, view: FlowView, { dir, force }: PullOptions) {
  const path = ['.ts', '.json'].map((end) => join(dir, `${view.name}${end}`)).find((one) => existsSync(one));
  if (path !== undefined && !force)
    return { flow: view.name, path, result: await syncFlow(api, path, { way: 'pull', flows: [view] }) };
  const written = await writeFlow(dir, await getFlow(api, view.id), path);
  return { flow: view.name, path: written, result: 'pulled' as const };
}

/** Saves a file as the draft; a draft that was changed meanwhile is kept unless `force`. */
export async function push(api: Api, out: Output, path: string, force: boolean): Promise<void> {
  const result = await syncFlow(api, path, { way: 'push', force });
  const untested = await untestedArrows(api, path);
  out.show({ path, result, untested }, () => [
    `${path}: ${result}`,
    ...(untested.length > 0 ? ['It will not be published as it is:', ...untested.map(describeDiagnostic)] : []),
  ]);
}

/** What the company's publish gate would refuse; nothing when it has none, or errors come first, or the search is held up. */
async function untestedArrows(api: Api, path: string): Promise<readonly Record<string, unknown>[]> {
  const flow = await findFlow(api, (await loadFlow(path)).name);
  if (!flow) return [];
  const coverage = await api.ask<{ required: boolean; diagnostics: Record<string, unknown>[] } | null>(
    'GET',
    `/flows/${flow.id}/coverage`,
    { query: { ifRequired: 'true' }, accept: ['API_FLOW_INVALID', 'API_UNAVAILABLE'] },
  );
  return coverage?.required ? coverage.diagnostics : [];
}

const REVISION = /^[a-z0-9][a-z0-9-]*@(?:draft|published|[1-9][0-9]*)$/;

/** A file, or `FLOW@draft`, `FLOW@published`, `FLOW@3`. */
async function documentOf(connection: () => Api, side: string): Promise<FlowDocument> {
  if (!REVISION.test(side)) return documentIn(side);
  const api = connection();
  const [name, which] = side.split('@') as [string, string];
  const flow: FlowWithDraft = await getFlow(api, (await theFlow(api, name)).id);
  if (which === 'draft') return draftOf(flow).document;
  const number = which === 'published' ? flow.published?.number : Number(which);
  if (number === undefined) throw new CliError('CLI_NOT_FOUND', `${name} is not published.`);
  const { closure } = await api.ask<{
    closure: { root: string; documents: Record<string, { document: unknown } | undefined> };
  }>('GET', `/flows/${flow.id}/revisions/${number}`);
  return FlowDocument.parse(closure.documents[closure.root]?.document);
}

async function documentIn(path: string): Promise<FlowDocument> {
  const parsed = FlowFile.safeParse((await loadFlow(path)).file);
  if (!parsed.success)
    throw new CliError('CLI_BAD_FILE', `${path} holds no flow document: "callwright lint" tells why.`);
  return parsed.data.document;
}

/** What changed in meaning; with one side, against the draft of the same name. Fails when something did and `check` is set. */
export async function diff(
  connection: () => Api,
  out: Output,
  from: string,
  to: string | undefined,
  check: boolean,
): Promise<void> {
  const first = await documentOf(connection, from);
  const [before, after] = to
    ? [first, await documentOf(connection, to)]
    : [await documentOf(connection, `${first.name}@draft`), first];
  const found = diffFlows(before, after);
  out.show(found, () => (found.same ? ['no difference'] : describeDiff(found)));
  if (check && !found.same) throw new CliError('CLI_REFUSED', '');
}
