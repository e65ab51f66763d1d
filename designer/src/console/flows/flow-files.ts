/** Flow files as documents of the browser: downloaded, read from disk, copied under another name. */
import { routes } from '@callwright/api-contract';
import { call } from '../../api/client.ts';

/** As far as the list of flows needs to know a flow file. */
export interface FlowFile {
  readonly document: { readonly name: string; readonly title: string } & Readonly<Record<string, unknown>>;
  readonly layout?: unknown;
}

/** A name of the form that flows take, of whatever somebody typed. */
export function flowNameOf(title: string): string {
  const plain = title.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return (
    plain
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 63) || 'flow'
  );
}

/** The draft of a flow. Throws `ApiFailure`. */
export async function draftOf(id: string): Promise<FlowFile> {
  return (await call(routes.getFlow, { params: { id } })).draft as unknown as FlowFile;
}

/** A flow of a start and nothing more. */
export const emptyFlow = (language: string): FlowFile => ({
  document: {
    format: 1,
    name: 'empty',
    title: '',
    language,
    entry: 'start',
    variables: [],
    nodes: [{ id: 'start', number: 0, kind: 'start', version: 1, label: '', config: { answer: true } }],
    edges: [],
  },
});

/** The same flow under another title. */
export function renamed(file: FlowFile, title: string): FlowFile {
  return { ...file, document: { ...file.document, name: flowNameOf(title), title } };
}

/** Hands a flow to the browser as `<name>.flow.json`. */
export function download(file: FlowFile): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2)], { type: 'application/json' }));
  Object.assign(document.createElement('a'), { href: url, download: `${file.document.name}.flow.json` }).click();
  URL.revokeObjectURL(url);
}

/** A flow file that was read; null when it is none. The API checks the rest. */
export async function readFlowFile(file: Blob): Promise<FlowFile | null> {
  try {
    const value: unknown = JSON.parse(await file.text());
    const document = (value as { document?: { name?: unknown } } | null)?.document;
    return typeof document?.name === 'string' ? (value as FlowFile) : null;
  } catch {
    return null;
  }
}
