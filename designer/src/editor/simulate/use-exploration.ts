import type { RevisionClosure } from '@callwright/engine';
import { useEffect, useState } from 'react';
import type { ExploreRequest, ExploreResult } from './explore.worker.ts';

/** Explores a closure in a worker; null asks for nothing. A newer closure replaces the exploration of an older one. */
export function useExploration(
  closure: RevisionClosure | null,
  tests: ExploreRequest['tests'],
  world: ExploreRequest['world'],
): {
  readonly result: ExploreResult | null;
  readonly running: boolean;
} {
  const [result, setResult] = useState<ExploreResult | null>(null);
  const [running, setRunning] = useState(false);
  useEffect(() => {
    if (!closure) return;
    const worker = new Worker(new URL('./explore.worker.ts', import.meta.url), { type: 'module' });
    setRunning(true);
    worker.addEventListener('message', ({ data }: MessageEvent<ExploreResult>) => {
      setResult(data);
      setRunning(false);
      worker.terminate();
    });
    worker.addEventListener('error', () => setRunning(false));
    const request: ExploreRequest = { id: 1, closure, tests, world };
    worker.postMessage(request);
    return () => worker.terminate();
  }, [closure, tests, world]);
  return { result, running };
}
