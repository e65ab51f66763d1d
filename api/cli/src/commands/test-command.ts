/** `test`: every transition of a flow is taken once on the production machine, and each path is walked again to prove it. */
import { buildRevision, type FlowDocument, lint, NO_CATALOGUE, type RevisionClosure } from '@callwright/engine';
import { explore, type FlowPath, walkPath } from '@callwright/engine/testing';
import { type Api, describeDiagnostic } from '../connection.ts';
import { CliError } from '../errors.ts';
import { loadFlow } from '../flow-file.ts';
import type { Output } from '../output.ts';

/** Names of the flows that a document calls, asked for by pinning it against a catalogue that cannot tell. */
function calledFlows(document: FlowDocument): string[] {
  const names = new Set<string>();
  buildRevision(document, {
    ...NO_CATALOGUE,
    flow: (name) => {
      names.add(name);
      return undefined;
    },
  });
  return [...names];
}

/** Published revision of a flow of the company. */
async function publishedClosure(api: Api, name: string): Promise<RevisionClosure | null> {
  const { items } = await api.ask<{ items: { id: string; published: { number: number } | null }[] }>('GET', '/flows', {
    query: { name },
  });
  const flow = items[0];
  if (!flow?.published) return null;
  return (await api.ask<{ closure: RevisionClosure }>('GET', `/flows/${flow.id}/revisions/${flow.published.number}`))
    .closure;
}

function leaves(closure: RevisionClosure, path: FlowPath): boolean {
  const { node, outcome } = path.transition;
  return walkPath(closure, path).some(
    (item) =>
      item.type === 'node.left' && item.outcome === outcome && (item.node === node || item.node.endsWith(`/${node}`)),
  );
}

/** `connection` is asked only for flows that this one calls. Throws `CLI_FAILED_TESTS` when a transition cannot be taken. */
export async function testFlow(connection: () => Api, out: Output, file: string): Promise<void> {
  const { document: raw } = await loadFlow(file);
  const faulty = lint(raw, NO_CATALOGUE).filter(({ severity }) => severity === 'error');
  if (faulty.length > 0)
    throw new CliError('CLI_FAILED_TESTS', faulty.map((d) => describeDiagnostic({ ...d })).join('\n'));
  const document = raw as unknown as FlowDocument;
  const closures = new Map<string, RevisionClosure | null>();
  for (const name of calledFlows(document)) closures.set(name, await publishedClosure(connection(), name));
  const { closure } = buildRevision(document, { ...NO_CATALOGUE, flow: (name) => closures.get(name) });
  const found = explore(closure);
  const failed = found.paths.filter((path) => !leaves(closure, path));
  const result = {
    transitions: found.transitions.length,
    passed: found.paths.length - failed.length,
    coverage: found.coverage,
    missing: found.missing,
    faults: found.faults,
    paths: found.paths.map(({ transition, steps }) => ({ transition, steps: steps.map(({ label }) => label) })),
  };
  out.show(result, () => [
    ...found.paths.map(
      (path) =>
        `${failed.includes(path) ? 'failed' : 'passed'}  ${path.transition.node} "${path.transition.outcome}": ${path.steps.map(({ label }) => label).join(', ')}`,
    ),
    ...found.missing.map(({ node, outcome }) => `missed  ${node} "${outcome}" cannot be reached`),
    ...found.faults.map((code) => `fault   ${code}`),
    `${result.passed} of ${result.transitions} transitions passed, ${Math.floor(found.coverage * 100)} % covered`,
  ]);
  if (failed.length > 0 || found.missing.length > 0 || found.faults.length > 0 || found.truncated)
    throw new CliError('CLI_FAILED_TESTS', '');
}
