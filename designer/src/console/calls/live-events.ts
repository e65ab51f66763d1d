import { API_PREFIX } from '@callwright/api-contract';
import { Fact } from '@callwright/engine/protocol';
import { useEffect, useEffectEvent, useState } from 'react';
import { useCompanyId } from '../../app/company.tsx';

/** A fact as the event stream sends it. */
export interface LiveFact {
  readonly callId: string;
  readonly n: number;
  readonly at: string;
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const TYPES = Fact.options.map(({ shape }) => shape.type.value);

export type LiveState = 'connecting' | 'live';

/** Facts of the company's calls (or of one call) as they happen; the browser resumes by itself after a cut. */
export function useLiveFacts(take: (fact: LiveFact) => void, callId?: string): LiveState {
  const company = useCompanyId();
  const [state, setState] = useState<LiveState>('connecting');
  const taken = useEffectEvent(take);
  useEffect(() => {
    const query = new URLSearchParams({ ...(company ? { company } : {}), ...(callId ? { call: callId } : {}) });
    const source = new EventSource(`${API_PREFIX}/events?${query}`);
    source.onopen = () => setState('live');
    source.onerror = () => setState('connecting');
    for (const type of TYPES)
      source.addEventListener(type, (event) => taken(JSON.parse((event as MessageEvent<string>).data) as LiveFact));
    return () => source.close();
  }, [company, callId]);
  return state;
}
