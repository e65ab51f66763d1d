/** VOIspeed's integration interface (SERI): one endpoint, services by name, answers in XML, events by HTTP GET (voispeed.md). */
import { definePartner } from '../src/contract.ts';
import type { Ask } from './ask.ts';
import { demo } from './demo.ts';
import { ROWS } from './rows.ts';
import { readScript, scriptUrl } from './script.ts';
import { Settings } from './settings.ts';
import { failure, Refused } from './voispeed.codec.ts';
import { events, SERVICES } from './voispeed.map.ts';

const REFUSALS = {
  unauthenticated: 'invalid token',
  'rate-limited': 'too many requests',
  malformed: 'invalid request',
  'too-large': 'request too large',
  method: 'method not allowed',
  failed: 'connection not found',
} as const;

/** Epoch seconds and four digits (V-003); the counter keeps those of one second apart. */
let counter = Math.floor(Math.random() * 10_000);
function requestId(now: number): string {
  counter = (counter + 1) % 10_000;
  return `${Math.floor(now / 1000)}${String(counter).padStart(4, '0')}`;
}

export const voispeed = definePartner({
  name: 'voispeed',
  label: 'VOIspeed (SERI)',
  rows: ROWS,
  settings: Settings,
  mounts: [
    { methods: ['GET', 'POST'], path: '/PBX/seri_endpoint.php' },
    { methods: ['GET', 'POST'], path: '/PBX/seri.php' },
  ],
  credential: ({ params }) => {
    const secret = params.get('token')?.trim();
    return secret ? { secret } : null;
  },
  refuse: (_request, why) => failure(REFUSALS[why]),
  answer: async ({ params }, module, host) => {
    const { settings, name } = module;
    const service = SERVICES.get(params.get('service')?.trim() ?? '');
    if (!service) return failure('service not found');
    const { level, run } = service;
    const enabled =
      settings.commands && (level === 'user' ? settings.userLevel : level === 'any' || settings.extendedLevel);
    if (!enabled) return failure('service not enabled');
    const ask: Ask = { params, settings, moduleName: name, host, requestId: requestId(host.now()) };
    try {
      return await run(ask);
    } catch (error) {
      if (error instanceof Refused) return failure(error.message);
      throw error;
    }
  },
  events,
  scripts: { url: scriptUrl, read: readScript },
  demo,
});
