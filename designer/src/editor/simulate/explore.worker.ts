/** State exploration beside the page: thousands of steps must not hold up the canvas. */
import type { RevisionClosure } from '@callwright/engine';
import { explore } from '@callwright/engine/testing';

export interface ExploreRequest {
  readonly id: number;
  readonly closure: RevisionClosure;
}

export interface ExploreResult {
  readonly id: number;
  readonly error: string | null;
  /** `node\noutcome` of transitions reached, each with the answers that lead there. */
  readonly paths: readonly { readonly key: string; readonly labels: readonly string[] }[];
  readonly missing: readonly string[];
  readonly coverage: number;
  readonly truncated: boolean;
}

const key = ({ node, outcome }: { readonly node: string; readonly outcome: string }) => `${node}\n${outcome}`;

function answer({ id, closure }: ExploreRequest): ExploreResult {
  try {
    const { paths, missing, coverage, truncated } = explore(closure);
    return {
      id,
      error: null,
      paths: paths.map(({ transition, steps }) => ({ key: key(transition), labels: steps.map(({ label }) => label) })),
      missing: missing.map(key),
      coverage,
      truncated,
    };
  } catch (error) {
    return {
      id,
      error: error instanceof Error ? error.message : '',
      paths: [],
      missing: [],
      coverage: 0,
      truncated: false,
    };
  }
}

self.addEventListener('message', (event: MessageEvent<ExploreRequest>) => {
  self.postMessage(answer(event.data));
});
