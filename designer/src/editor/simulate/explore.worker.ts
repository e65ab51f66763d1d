/** State exploration beside the page: thousands of steps must not hold up the canvas. */
import type { RevisionClosure } from '@callwright/engine';
import {
  coverageOf,
  explore,
  type KeptTest,
  type TestCallOptions,
  type UncoveredReason,
} from '@callwright/engine/testing';

export interface ExploreRequest {
  readonly id: number;
  readonly closure: RevisionClosure;
  /** Tests kept from simulations: what they take counts too. */
  readonly tests: readonly KeptTest[];
  readonly world: Omit<TestCallOptions, 'world' | 'http'>;
}

export interface ExploreResult {
  readonly id: number;
  readonly error: string | null;
  /** `node\noutcome` of transitions reached, each with the answers that lead there. */
  readonly paths: readonly { readonly key: string; readonly labels: readonly string[] }[];
  /** Transitions that no call takes. */
  readonly missing: readonly { readonly key: string; readonly reason: UncoveredReason }[];
  readonly transitions: number;
  readonly covered: number;
}

const key = ({ node, outcome }: { readonly node: string; readonly outcome: string }) => `${node}\n${outcome}`;

function answer({ id, closure, tests, world }: ExploreRequest): ExploreResult {
  try {
    const found = explore(closure);
    const { uncovered, transitions, covered } = coverageOf(closure, tests, { world, found });
    return {
      id,
      error: null,
      paths: found.paths.map(({ transition, steps }) => ({
        key: key(transition),
        labels: steps.map(({ label }) => label),
      })),
      missing: uncovered.map((one) => ({ key: key(one), reason: one.reason })),
      transitions,
      covered,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    return { id, error: message, paths: [], missing: [], transitions: 0, covered: 0 };
  }
}

self.addEventListener('message', (event: MessageEvent<ExploreRequest>) => {
  self.postMessage(answer(event.data));
});
