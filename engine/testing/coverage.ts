/** How much of a flow tests take: the calls that exploration finds by itself, and those that authors kept. Pure. */

import type { RevisionClosure } from '../src/flow/document.ts';
import { type Diagnostic, type DiagnosticCode, diagnose } from '../src/flow/lint/codes.ts';
import { type Exploration, type ExploreOptions, explore } from './explore.ts';
import { runScript, Script } from './script.ts';
import type { TestCallOptions } from './test-call.ts';
import { type FlowTransition, transitionKey } from './transitions.ts';

/** A test that an author kept: what happens to the call and the way it must take. */
export interface KeptTest {
  readonly name: string;
  /** Checked here: it may have been stored by another version. */
  readonly script: unknown;
  /** `node=outcome` of every node passed. */
  readonly path: readonly string[];
}

/** `outcome`: calls reach the node and leave it otherwise; `node`: none reaches it; `stopped`: the search ended before. */
export type UncoveredReason = 'outcome' | 'node' | 'stopped';

export interface Uncovered extends FlowTransition {
  readonly reason: UncoveredReason;
}

export interface Coverage {
  readonly transitions: number;
  readonly covered: number;
  readonly uncovered: readonly Uncovered[];
  /** Names of kept tests that take another way, or none, now. */
  readonly failed: readonly string[];
  /** False when the search for calls was cut short. */
  readonly complete: boolean;
}

export interface CoverageOptions extends ExploreOptions {
  /** What kept tests find in the company. */
  readonly world?: Omit<TestCallOptions, 'world' | 'http'>;
  /** What an exploration of the same closure found already. */
  readonly found?: Exploration;
}

/** The way a kept test takes now; null when its script cannot be played. */
export function wayOf(
  closure: RevisionClosure,
  test: KeptTest,
  world: Omit<TestCallOptions, 'world' | 'http'>,
): readonly string[] | null {
  const script = Script.safeParse(test.script);
  if (!script.success) return null;
  try {
    return runScript(closure, script.data, world).path;
  } catch {
    // a script that does not fit the flow any more is a test that fails
    return null;
  }
}

export function coverageOf(
  closure: RevisionClosure,
  tests: readonly KeptTest[],
  { world = {}, found, ...options }: CoverageOptions = {},
): Coverage {
  const { transitions, paths, truncated } = found ?? explore(closure, options);
  const taken = new Set(paths.map(({ transition }) => transitionKey(transition)));
  const failed: string[] = [];
  for (const test of tests) {
    const way = wayOf(closure, test, world);
    if (!way || way.join() !== test.path.join()) failed.push(test.name);
    else for (const step of way) taken.add(keyOfStep(step));
  }
  const left = new Set([...taken].map((key) => key.split('\n')[0]));
  const uncovered = transitions
    .filter((transition) => !taken.has(transitionKey(transition)))
    .map((transition): Uncovered => {
      const reached: UncoveredReason = left.has(transition.node) ? 'outcome' : 'node';
      return { ...transition, reason: truncated ? 'stopped' : reached };
    });
  const covered = transitions.length - uncovered.length;
  return { transitions: transitions.length, covered, uncovered, failed, complete: !truncated };
}

/** `node=outcome` as the key of a transition; an outcome holds no equals sign. */
function keyOfStep(step: string): string {
  const at = step.lastIndexOf('=');
  return transitionKey({ node: step.slice(0, at), outcome: step.slice(at + 1) });
}

const CODES: Readonly<Record<UncoveredReason, DiagnosticCode>> = {
  outcome: 'FLW_UNTESTED',
  node: 'FLW_UNTESTED_NODE',
  stopped: 'FLW_UNTESTED_YET',
};

/** What a publish gate refuses for: every arrow that no test takes, every test that fails. Nodes of sub-flows stand at the node that calls them. */
export function coverageDiagnostics(closure: RevisionClosure, { uncovered, failed }: Coverage): Diagnostic[] {
  const nodes = closure.documents[closure.root]?.document.nodes ?? [];
  return [
    ...uncovered.map(({ node, outcome, reason }) => {
      const [own = '', ...inner] = node.split('/');
      const index = nodes.findIndex(({ id }) => id === own);
      const detail = inner.length === 0 ? outcome : `${inner.join('/')} → ${outcome}`;
      return diagnose(CODES[reason], index < 0 ? [] : ['nodes', index], {
        node: own,
        detail,
        ...(inner.length === 0 ? { outcome } : {}),
      });
    }),
    ...failed.map((name) => diagnose('FLW_TEST_FAILED', [], { detail: name })),
  ];
}
