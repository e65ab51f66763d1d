import { routes, type MyCall as View } from '@callwright/api-contract';
import { useEffect, useState } from 'react';
import type * as z from 'zod';
import { urlOf } from '../api/client.ts';
import type { PhoneLine } from './browser-phone.ts';

export type MyCall = z.infer<typeof View>;

/** One's own calls at whichever phone, as they happen; the browser resumes by itself after a cut. */
export function useMyCalls(): readonly MyCall[] {
  const [calls, setCalls] = useState<readonly MyCall[]>([]);
  useEffect(() => {
    const source = new EventSource(urlOf(routes.watchMyCalls));
    source.addEventListener('calls', (event) => {
      const { items } = JSON.parse((event as MessageEvent<string>).data) as { items: MyCall[] };
      setCalls(items);
    });
    return () => source.close();
  }, []);
  return calls;
}

/** The call that a line of this browser is part of, as far as it can be told: by number and way, else the only one of its way. */
export function callOfLine(line: PhoneLine, calls: readonly MyCall[]): MyCall | null {
  const ofWay = calls.filter(({ role }) => role === (line.way === 'in' ? 'called' : 'calling'));
  const named = ofWay.find(({ other, called }) => other.number === line.number || called.number === line.number);
  return named ?? (ofWay.length === 1 ? (ofWay[0] ?? null) : null);
}
