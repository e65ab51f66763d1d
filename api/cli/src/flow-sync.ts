/**
 * A flow in a file and the same flow's draft on the installation, kept alike: what both were when they last were the same is
 * remembered beside the file (`.callwright/`), so that a change on one side is told from changes on both.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import {
  canonicalJson,
  diffFlows,
  EngineError,
  type FlowDiff,
  FlowFile,
  type JsonValue,
  normalizeDocument,
  printFlow,
} from '@callwright/engine';
import type { Api } from './connection.ts';
import { describeDiff } from './diff-text.ts';
import { CliError } from './errors.ts';
import { type LoadedFlow, layoutPath, loadFlow } from './flow-file.ts';

/** A flow as lists tell it. */
export interface FlowView {
  readonly id: string;
  readonly name: string;
  readonly draftVersion: number;
  readonly published: { readonly number: number } | null;
}

/** A flow with its draft. */
export interface FlowWithDraft extends FlowView {
  readonly draft: unknown;
}

/** What file and draft were when they last were alike. */
interface Base {
  readonly id: string;
  readonly version: number;
  readonly print: string;
  /** Without the layout, for files that leave drawing to the canvas. Absent in those kept by earlier versions. */
  readonly document?: string;
}

/** `ahead`: only the file was changed, and nothing was to be pushed; `behind`: only the canvas, and nothing was to be pulled. */
export type SyncResult = 'alike' | 'pushed' | 'pulled' | 'created' | 'ahead' | 'behind';

export interface SyncOptions {
  readonly way: 'push' | 'pull' | 'both';
  /** With `push` the file stands whatever happened on the canvas, with `pull` the canvas. */
  readonly force?: boolean;
  /** The company's flows when they are at hand. */
  readonly flows?: readonly FlowView[];
}

const basePath = (path: string): string => join(dirname(path), '.callwright', `${basename(path)}.json`);

function readBase(path: string): Base | null {
  try {
    return JSON.parse(readFileSync(basePath(path), 'utf8')) as Base;
  } catch {
    return null;
  }
}

/** Whole or not at all. */
function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

function keepBase(path: string, flow: FlowView, file: FlowFile): void {
  const { id, draftVersion: version } = flow;
  const base: Base = { id, version, print: fingerprint(file), document: fingerprint({ document: file.document }) };
  write(basePath(path), `${JSON.stringify(base)}\n`);
}

/** The same for whatever means the same and is drawn the same. */
export function fingerprint({ document, layout }: FlowFile): string {
  const content = { document: normalizeDocument(document), ...(layout ? { layout } : {}) };
  return createHash('sha256')
    .update(canonicalJson(content as unknown as JsonValue))
    .digest('hex');
}

/** The draft, checked; a newer installation may send what is not known here. */
export function draftOf(flow: FlowWithDraft): FlowFile {
  const parsed = FlowFile.safeParse(flow.draft);
  if (!parsed.success)
    throw new CliError('CLI_BAD_FILE', `The draft of ${flow.name} is of a form that this command line does not know.`);
  return parsed.data;
}

/** By its unique name. */
export async function findFlow(api: Api, name: string): Promise<FlowView | null> {
  if (name === '') return null;
  const { items } = await api.ask<{ items: FlowView[] }>('GET', '/flows', { query: { name } });
  return items[0] ?? null;
}

export const getFlow = (api: Api, id: string): Promise<FlowWithDraft> => api.ask('GET', `/flows/${id}`);

/** Writes a draft as files: TypeScript with its layout beside it, or JSON where no author could write it. Answers the path. */
export async function writeFlow(dir: string, flow: FlowWithDraft, at?: string): Promise<string> {
  const file = draftOf(flow);
  if (at !== undefined && extname(at) === '.json') {
    write(at, `${JSON.stringify(file, null, 2)}\n`);
    keepBase(at, flow, file);
    return at;
  }
  const source = sourceOf(file);
  if (source === null) return writeFlow(dir, flow, join(dir, `${file.document.name}.json`));
  const path = at ?? join(dir, `${file.document.name}.ts`);
  // an author's own way of writing the same flow stays
  if (!(await meansThis(path, file))) write(path, source);
  if (file.layout) write(layoutPath(path), `${JSON.stringify(file.layout, null, 2)}\n`);
  else rmSync(layoutPath(path), { force: true });
  keepBase(path, flow, file);
  return path;
}

function sourceOf({ document }: FlowFile): string | null {
  try {
    return printFlow(document);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'FLW_CANNOT_BE_CODE') return null;
    throw error;
  }
}

async function meansThis(path: string, { document }: FlowFile): Promise<boolean> {
  if (!existsSync(path)) return false;
  try {
    const local = FlowFile.safeParse((await loadFlow(path)).file);
    return local.success && fingerprint({ document: local.data.document }) === fingerprint({ document });
  } catch (error) {
    if (error instanceof CliError) return false;
    throw error;
  }
}

/** Saves what a file holds over the given version of the draft; without a layout of its own the canvas keeps its. */
export async function saveFile(api: Api, { file }: LoadedFlow, existing: FlowView | null): Promise<FlowWithDraft> {
  if (!existing) return api.ask<FlowWithDraft>('POST', '/flows', { body: { file } });
  let whole = file;
  if (!('layout' in file)) {
    const { draft } = await getFlow(api, existing.id);
    const { layout } = draft as { layout?: unknown };
    if (layout !== undefined && layout !== null) whole = { ...file, layout };
  }
  const body = { version: existing.draftVersion, file: whole };
  return api.ask<FlowWithDraft>('PUT', `/flows/${existing.id}/draft`, { body });
}

/** Makes file and draft alike: the side that changed gives. Throws `CLI_CONFLICT` with the differences when both did. */
export async function syncFlow(api: Api, path: string, { way, force, flows }: SyncOptions): Promise<SyncResult> {
  const loaded = await loadFlow(path);
  const base = readBase(path);
  const known = flows?.find(({ id }) => id === base?.id) ?? flows?.find(({ name }) => name === loaded.name);
  const view = flows ? (known ?? null) : await findFlow(api, loaded.name);
  const save = async (existing: FlowView | null): Promise<SyncResult> => {
    // the api tells every fault of a file that is no flow
    const saved = await saveFile(api, loaded, existing);
    keepBase(path, saved, draftOf(saved));
    return existing ? 'pushed' : 'created';
  };
  const parsed = FlowFile.safeParse(loaded.file);
  if (!parsed.success && way === 'pull')
    throw new CliError('CLI_CONFLICT', `${path} holds no flow document: "--force" writes the draft over it.`);
  if (!view || !parsed.success) return save(view);
  const flow = await getFlow(api, view.id);
  const theirs = draftOf(flow);
  const mine = parsed.data;
  // a file without a layout leaves drawing to the canvas: where nodes stand is no change of either side
  const drawn = mine.layout !== undefined;
  const [here, there] = [mine, theirs].map((one) => fingerprint(drawn ? one : { document: one.document }));
  const kept = drawn ? base?.print : (base?.document ?? base?.print);
  const before = base?.id === flow.id ? kept : null;
  if (here === there) {
    if (before !== here) keepBase(path, flow, theirs);
    return 'alike';
  }
  const ours = (force && way === 'push') || before === there;
  const canvas = (force && way === 'pull') || before === here;
  if (!ours && !canvas) throw conflict(path, flow, diffFlows(theirs.document, mine.document));
  if (ours) return way === 'pull' ? 'ahead' : save(flow);
  if (way === 'push') return 'behind';
  await writeFlow(dirname(path), flow, path);
  return 'pulled';
}

function conflict(path: string, flow: FlowView, differences: FlowDiff): CliError {
  const lines = describeDiff(differences);
  return new CliError(
    'CLI_CONFLICT',
    [
      `${path} and the draft of ${flow.name} (version ${flow.draftVersion}) differ, and neither follows the other:`,
      ...(lines.length > 0 ? lines : ['~ where nodes stand']).map((line) => `  ${line}`),
      `"callwright push --force ${path}" keeps the file, "callwright pull --force ${flow.name}" the canvas.`,
    ].join('\n'),
  );
}
