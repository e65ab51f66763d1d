/** Parts of the editor that come in files of their own, after the canvas. */
import { Loader } from '@mantine/core';
import { type ComponentType, type ReactNode, useEffect, useState } from 'react';
import { ApiFailure } from '../api/client.ts';
import { Failure } from '../app/page.tsx';

/** A component that fetches its file when it is first drawn, or before. */
export interface Late<P extends object> {
  (props: P): ReactNode;
  /** Fetches the file now. Never rejects: who draws it is told of a failure and may try again. */
  fetch(): Promise<void>;
}

/**
 * Makes a component whose file is fetched late. Unlike React's `lazy` it remembers no failure: without a network it says so, with a
 * button to try again.
 */
export function late<P extends object>(load: () => Promise<ComponentType<P>>): Late<P> {
  let Loaded: ComponentType<P> | null = null;
  let loading: Promise<void> | null = null;
  const fetch = (): Promise<void> => {
    if (Loaded) return Promise.resolve();
    loading ??= load()
      .then((component) => {
        Loaded = component;
      })
      .catch(() => {})
      .finally(() => {
        loading = null;
      });
    return loading;
  };
  function LatePart(props: P) {
    const [tries, setTries] = useState(0);
    const [failedTry, setFailedTry] = useState(-1);
    const [, setLoaded] = useState(Loaded !== null);
    useEffect(() => {
      let gone = false;
      void fetch().then(() => {
        if (gone) return;
        if (Loaded) setLoaded(true);
        else setFailedTry(tries);
      });
      return () => {
        gone = true;
      };
    }, [tries]);
    if (Loaded) return <Loaded {...props} />;
    if (failedTry === tries)
      return <Failure error={new ApiFailure('offline', null)} retry={() => setTries(tries + 1)} />;
    return <Loader m="md" size="sm" />;
  }
  return Object.assign(LatePart, { fetch });
}

/** Fetches parts one after the other while the browser has nothing better to do; returns how to stop. */
export function fetchWhenIdle(parts: readonly { fetch(): Promise<void> }[]): () => void {
  let stopped = false;
  const next = (at: number): void => {
    const part = parts[at];
    if (stopped || !part) return;
    whenIdle(() => void part.fetch().then(() => next(at + 1)));
  };
  next(0);
  return () => {
    stopped = true;
  };
}

/** At the latest after a second; browsers without an idle callback wait a moment. */
function whenIdle(then: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(then, { timeout: 1000 });
  else setTimeout(then, 200);
}
