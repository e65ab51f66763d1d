/** The browser's phone as pages see it: one for the window, whichever page is shown. */
import { routes } from '@callwright/api-contract';
import { create } from 'zustand';
import { call } from '../api/client.ts';
import type { BrowserPhone, PhoneLine, PhoneReadiness } from './browser-phone.ts';
import type { CallFailure } from './sip-agent.ts';

/** Whether this browser is to be a phone, for the next visit. */
const KEY = 'callwright.phone';

interface PhoneState {
  readonly readiness: 'off' | 'insecure' | PhoneReadiness;
  readonly lines: readonly PhoneLine[];
  readonly failure: CallFailure | 'transfer' | null;
  /** Makes the browser a phone, for the next visits too. */
  turnOn(): Promise<void>;
  turnOff(): void;
  /** As it was when the user was here before. */
  resume(): void;
  /** Ends with the session; the next visit begins as this one did. */
  leave(): void;
  /** Calls a number, by turning the phone on if need be. */
  dial(number: string, asksFor?: string): Promise<void>;
  forgetFailure(): void;
}

let phone: BrowserPhone | null = null;
let starting: Promise<void> | null = null;
/** What is dialled once the phone is ready. */
let waiting: string | null = null;

/** What the lines can be told; null while the phone is off. */
export const browserPhone = (): BrowserPhone | null => phone;

export const usePhone = create<PhoneState>((set, get) => {
  const start = async (): Promise<void> => {
    // browsers give a microphone to pages with TLS, and to this machine's own
    if (!navigator.mediaDevices) return set({ readiness: 'insecure' });
    set({ readiness: 'connecting', failure: null });
    try {
      const login = await call(routes.createMyPhone, { body: {} });
      const { startBrowserPhone } = await import('./browser-phone.ts');
      phone = startBrowserPhone(login, {
        lines: (lines) => set({ lines }),
        failed: (failure) => set({ failure }),
        readiness: (readiness) => {
          set({ readiness });
          if (readiness !== 'ready' || waiting === null) return;
          phone?.dial(waiting);
          waiting = null;
        },
      });
    } catch {
      set({ readiness: 'refused', failure: 'offline' });
    }
  };
  const stop = (): void => {
    phone?.stop();
    phone = null;
    waiting = null;
    set({ readiness: 'off', lines: [], failure: null });
  };
  const ensure = (): Promise<void> => {
    if (get().readiness === 'refused') stop();
    starting ??= (phone ? Promise.resolve() : start()).finally(() => {
      starting = null;
    });
    return starting;
  };
  return {
    readiness: 'off',
    lines: [],
    failure: null,
    turnOn: () => {
      localStorage.setItem(KEY, 'on');
      return ensure();
    },
    turnOff: () => {
      localStorage.removeItem(KEY);
      stop();
    },
    resume: () => {
      if (localStorage.getItem(KEY) === 'on') void ensure();
    },
    leave: stop,
    dial: async (number, asksFor) => {
      set({ failure: null });
      if (phone && get().readiness === 'ready') return phone.dial(number, asksFor);
      waiting = number;
      await get().turnOn();
    },
    forgetFailure: () => set({ failure: null }),
  };
});
