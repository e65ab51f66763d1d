/** `publish` and `lint`. */
import { readFileSync } from 'node:fs';
import { type Api, describeDiagnostic } from '../connection.ts';
import { CliError } from '../errors.ts';
import { loadFlow, promptFiles } from '../flow-file.ts';
import { findFlow, saveFile } from '../flow-sync.ts';
import type { Output } from '../output.ts';

interface Published {
  readonly revision: { readonly number: number; readonly hash: string };
  readonly diagnostics: readonly Record<string, unknown>[];
}

export interface PublishOptions {
  readonly number?: string;
  readonly public: boolean;
  readonly comment: string;
}

/** Uploads prompts, saves the draft, publishes it, and leads a number to it. */
export async function publish(api: Api, out: Output, path: string, options: PublishOptions): Promise<void> {
  const loaded = await loadFlow(path);
  const uploaded: string[] = [];
  for (const { name, path: file } of promptFiles(loaded)) {
    await api.ask('PUT', `/prompts/${encodeURIComponent(name)}/audio`, { wav: readFileSync(file) });
    uploaded.push(name);
  }
  const flow = await saveFile(api, loaded, await findFlow(api, loaded.name));
  const body = { version: flow.draftVersion, comment: options.comment };
  const { revision, diagnostics } = await api.ask<Published>('POST', `/flows/${flow.id}/publish`, { body });
  const number = options.number === undefined ? null : await leadNumber(api, options.number, flow.id, options.public);
  out.show({ flow: flow.name, flowId: flow.id, revision, diagnostics, prompts: uploaded, number }, () => [
    ...uploaded.map((name) => `prompt ${name} uploaded`),
    ...diagnostics.map(describeDiagnostic),
    `${flow.name} published as revision ${revision.number} (${revision.hash.slice(0, 12)})`,
    ...(number ? [`${number} leads to it`] : []),
  ]);
}

async function leadNumber(api: Api, dialled: string, flowId: string, isPublic: boolean): Promise<string> {
  const { items } = await api.ask<{ items: { id: string }[] }>('GET', '/numbers', { query: { dialled } });
  const destination = { type: 'flow', id: flowId };
  const existing = items[0];
  if (existing)
    await api.ask('PATCH', `/numbers/${existing.id}`, { body: { destination, ...(isPublic ? { public: true } : {}) } });
  else {
    const kind = dialled.startsWith('+') ? 'did' : 'service';
    await api.ask('POST', '/numbers', { body: { dialled, kind, public: isPublic, destination } });
  }
  return dialled;
}

/** Prints every diagnostic; fails when there is an error. */
export async function lint(api: Api, out: Output, path: string): Promise<void> {
  const { file } = await loadFlow(path);
  const { publishable, diagnostics } = await api.ask<{ publishable: boolean; diagnostics: Record<string, unknown>[] }>(
    'POST',
    '/flows/lint',
    { body: { file } },
  );
  out.show({ publishable, diagnostics }, () => [
    ...diagnostics.map(describeDiagnostic),
    publishable ? `${path}: can be published` : `${path}: cannot be published`,
  ]);
  if (!publishable) throw new CliError('CLI_REFUSED', '');
}
