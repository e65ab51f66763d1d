/** What is asked for again and again while a page is open. */
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Polled<T> {
  readonly value: T | null;
  /** Why there is none; empty: all is well. */
  readonly fault: string;
  /** Asks at once. */
  refresh(): void;
}

/** Asks when the page opens, each `everyMs` (0: never by itself), and when it is told to. */
export function usePolled<T>(load: () => Promise<T>, everyMs: number): Polled<T> {
  const [state, setState] = useState<{ value: T | null; fault: string }>({ value: null, fault: '' });
  const latest = useRef(load);
  latest.current = load;
  const asked = useRef(0);
  const refresh = useCallback((): void => {
    asked.current += 1;
    const mine = asked.current;
    latest.current().then(
      // an answer that was overtaken says nothing new
      (value) => mine === asked.current && setState({ value, fault: '' }),
      (error: Error) => mine === asked.current && setState(({ value }) => ({ value, fault: error.message })),
    );
  }, []);
  useEffect(() => {
    refresh();
    if (everyMs === 0) return;
    const timer = setInterval(refresh, everyMs);
    return () => clearInterval(timer);
  }, [refresh, everyMs]);
  return { ...state, refresh };
}
