/** Runs a campaign: gives it what happens, asks the interface for what it wants. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { ask, gateways } from '../seri.ts';
import { type Campaign, type Happening, newCampaign, type Operator, type Order, type Plan } from './campaign.ts';
import { step } from './campaign-step.ts';

const TICK_MS = 1_000;
/** Of the gateway's lines. */
const LINES_MS = 3_000;

type Unstamped<H> = H extends { readonly at: number } ? Omit<H, 'at'> : never;

export interface Running {
  readonly campaign: Campaign | null;
  begin(
    plan: Plan,
    numbers: readonly string[],
    operators: readonly Pick<Operator, 'id' | 'extension' | 'name'>[],
  ): void;
  start(): void;
  stop(): void;
  /** Back to the form. */
  drop(): void;
  event(query: URLSearchParams): void;
}

export function useCampaign(token: string): Running {
  const [shown, setShown] = useState<Campaign | null>(null);
  // events come faster than the page is drawn
  const current = useRef<Campaign | null>(null);

  const happen = useCallback(
    (happening: Unstamped<Happening>): void => {
      if (!current.current) return;
      const { campaign, orders } = step(current.current, { ...happening, at: Date.now() } as Happening);
      current.current = campaign;
      setShown(campaign);
      for (const order of orders) void carryOut(order);
    },
    [token],
  );

  const carryOut = async ({ key, service, params }: Order): Promise<void> => {
    try {
      await ask(token, service, params);
    } catch (error) {
      happen({ type: 'refused', key, why: (error as Error).message });
    }
  };

  const askLines = useCallback(async (): Promise<void> => {
    const plan = current.current?.plan;
    if (!plan) return;
    const gateway = (await gateways(token)).find(({ id }) => id === plan.gatewayId);
    happen({ type: 'lines', free: gateway?.free ?? 0 });
  }, [token, happen]);

  useEffect(() => {
    const tick = setInterval(() => happen({ type: 'tick' }), TICK_MS);
    const lines = setInterval(() => void askLines().catch(() => {}), LINES_MS);
    return () => {
      clearInterval(tick);
      clearInterval(lines);
    };
  }, [happen, askLines]);

  const running = shown?.running ?? false;
  useEffect(() => {
    if (!running) return;
    // who leaves now leaves calls that nobody brings together
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [running]);

  const start = (): void => {
    // how many lines there are is known before the first call
    void askLines()
      .catch(() => {})
      .then(() => happen({ type: 'start' }));
  };
  return {
    campaign: shown,
    begin: (plan, numbers, operators) => {
      current.current = newCampaign(
        `dialer-${crypto.getRandomValues(new Uint32Array(1))[0]!.toString(36)}`,
        plan,
        numbers,
        operators,
      );
      setShown(current.current);
      start();
    },
    start,
    stop: () => happen({ type: 'stop' }),
    drop: () => {
      current.current = null;
      setShown(null);
    },
    event: (query) => happen({ type: 'event', query }),
  };
}
