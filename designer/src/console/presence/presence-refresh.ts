import { DIRECTORY_EVENT_TYPES, routes } from '@callwright/api-contract';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { urlOf } from '../../api/client.ts';
import { useCompanyId } from '../../app/company.tsx';
import type { LiveState } from '../calls/live-events.ts';

/** Many events at once cost one reading. */
const GATHER_MS = 400;

/** Reads presence, trunks and devices again whenever something of the directory changes. */
export function usePresenceRefresh(): LiveState {
  const client = useQueryClient();
  const company = useCompanyId();
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    const source = new EventSource(urlOf(routes.streamDirectoryEvents, {}, company ? { company } : {}));
    let timer: number | null = null;
    const refresh = () => {
      timer ??= window.setTimeout(() => {
        timer = null;
        for (const tag of ['presence', 'trunks', 'devices']) void client.invalidateQueries({ queryKey: [tag] });
      }, GATHER_MS);
    };
    source.onopen = () => setState('live');
    source.onerror = () => setState('connecting');
    for (const type of DIRECTORY_EVENT_TYPES) source.addEventListener(type, refresh);
    return () => {
      source.close();
      if (timer !== null) window.clearTimeout(timer);
    };
  }, [client, company]);
  return state;
}
