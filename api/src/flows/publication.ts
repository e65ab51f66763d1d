/** From a flow file to a revision: form, lint against what the company has, pins, hash, differences. */
import {
  buildRevision,
  type Diagnostic,
  diffFlows,
  type FlowCatalogue,
  type FlowDiff,
  type FlowDocument,
  FlowFile,
  type FlowLayout,
  keepNumbers,
  lint,
  NO_CATALOGUE,
  type RevisionClosure,
} from '@callwright/engine';
import {
  type CompanyScope,
  type Db,
  entityExists,
  nodeNumbers,
  promptHashes,
  publishedClosures,
} from '@callwright/store';
import { ApiError } from '../problem.ts';

/** Most faults of form that one answer lists. */
const MOST = 500;

/** The file, or its faults: the document's as diagnostics, those of what is around it as fields. */
function parseFile(raw: unknown) {
  const parsed = FlowFile.safeParse(raw);
  if (parsed.success) return { file: parsed.data, diagnostics: [] as Diagnostic[], errors: [] };
  const { document } = (raw ?? {}) as { document?: unknown };
  const diagnostics = document === undefined ? [] : lint(document, NO_CATALOGUE).filter((d) => d.severity === 'error');
  const errors = parsed.error.issues
    .filter(({ path }) => path[0] !== 'document' || document === undefined)
    .map(({ path, message }) => ({ path: ['file', ...path].map(String).join('.'), message }));
  return { file: null, diagnostics: diagnostics.slice(0, MOST), errors: errors.slice(0, MOST) };
}

/** Throws `API_FLOW_INVALID` with every fault of form. */
export function readFlowFile(raw: unknown): FlowFile {
  const { file, diagnostics, errors } = parseFile(raw);
  if (!file) throw new ApiError('API_FLOW_INVALID', { detail: 'This is no flow file.', diagnostics, errors });
  return file;
}

/** What lint and pinning ask for, collected by running them against a catalogue that cannot tell. */
function questionsOf(document: FlowDocument) {
  const flows = new Set<string>();
  const entities = new Map<string, readonly [string, string]>();
  const asking: FlowCatalogue = {
    flow: (name) => {
      flows.add(name);
      return undefined;
    },
    audio: () => undefined,
    entity: (type, key) => {
      entities.set(`${type}/${key}`, [type, key]);
      return undefined;
    },
  };
  lint(document, asking);
  buildRevision(document, asking);
  return { flows: [...flows], entities };
}

/** A catalogue of what the company has, as far as the document asks. */
async function catalogueFor(db: Db, company: CompanyScope, document: FlowDocument): Promise<FlowCatalogue> {
  const questions = questionsOf(document);
  const [closures, audio, answers] = await Promise.all([
    publishedClosures(db, company, questions.flows),
    promptHashes(db, company),
    Promise.all(
      [...questions.entities].map(
        async ([name, [type, key]]) => [name, await entityExists(db, company, type, key)] as const,
      ),
    ),
  ]);
  const entities = new Map(answers);
  return {
    flow: (name) => closures.get(name) ?? null,
    audio: (name) => audio.get(name) ?? null,
    entity: (type, key) => entities.get(`${type}/${key}`),
  };
}

/** All diagnostics of a document, of its form or, when that is right, of its meaning. Throws `API_FLOW_INVALID` for what is no flow file. */
export async function lintFile(db: Db, company: CompanyScope, raw: unknown): Promise<readonly Diagnostic[]> {
  const { file, diagnostics, errors } = parseFile(raw);
  if (!file && errors.length > 0) throw new ApiError('API_FLOW_INVALID', { detail: 'This is no flow file.', errors });
  if (!file) return diagnostics;
  const { document } = file;
  return lint(document, await catalogueFor(db, company, document));
}

export interface PinnedDraft {
  readonly closure: RevisionClosure;
  readonly layout: FlowLayout | null;
  /** Warnings: with errors there is no revision. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Throws `API_FLOW_INVALID` with all diagnostics while there are errors. */
export async function pinDraft(db: Db, company: CompanyScope, flowId: string, file: FlowFile): Promise<PinnedDraft> {
  const catalogue = await catalogueFor(db, company, file.document);
  const diagnostics = lint(file.document, catalogue);
  if (diagnostics.some((d) => d.severity === 'error')) throw new ApiError('API_FLOW_INVALID', { diagnostics });
  const earlier = await nodeNumbers(db, company, flowId);
  const everyNode = { ...file.document, nodes: earlier as unknown as FlowDocument['nodes'] };
  const document = keepNumbers(file.document, earlier.length > 0 ? [everyNode] : []);
  const { closure } = buildRevision(document, catalogue);
  return { closure, layout: file.layout ?? null, diagnostics };
}

/** What changed between two documents, as the engine tells it. */
export function changesBetween(from: FlowDocument, to: FlowDocument): FlowDiff {
  return diffFlows(from, to);
}
