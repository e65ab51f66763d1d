/** Environment of the api process, checked once at start. */
import * as z from 'zod';
import { NO_PROXY, parseTrustedProxies, type TrustedProxy } from './http/proxies.ts';

const port = z.coerce.number().int().min(0).max(65_535);

const Environment = z.object({
  DATABASE_URL: z.string().min(1),
  CALLWRIGHT_SECRET_KEY_FILE: z.string().min(1),
  CALLWRIGHT_HTTP_PORT: port.default(8080),
  CALLWRIGHT_BIND: z.string().min(1).default('127.0.0.1'),
  /** WebSocket port of the SIP server on this machine; 0 = there is none. */
  CALLWRIGHT_WS_PORT: port.default(0),
  /** `host:port` of a SIP server elsewhere that takes WebSockets. */
  CALLWRIGHT_SIP_WS: z
    .string()
    .regex(/^.+:[0-9]{1,5}$/)
    .optional(),
  /** Proxies whose `X-Forwarded-*` headers are believed: how many stand in front, or their addresses. */
  CALLWRIGHT_TRUST_PROXY: z.string().optional(),
  CALLWRIGHT_METRICS_PORT: port.default(0),
  /** Directory that telephony keeps recordings in. */
  CALLWRIGHT_MEDIA_DIR: z.string().optional(),
  /** `role=host:port,…`: other processes whose metrics `/metrics` also serves. */
  CALLWRIGHT_METRICS_TARGETS: z.string().default(''),
  /** Requests a minute of one key or session. */
  CALLWRIGHT_API_RATE: z.coerce.number().int().min(1).default(6000),
  CALLWRIGHT_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export interface MetricsTarget {
  readonly role: string;
  readonly url: string;
}

export interface ApiConfig {
  readonly databaseUrl: string;
  readonly secretKeyFile: string;
  readonly mediaDir: string | undefined;
  readonly httpPort: number;
  readonly bind: string;
  /** Where browser phones are led; null = nowhere. */
  readonly sipWs: { readonly host: string; readonly port: number } | null;
  readonly trustProxy: TrustedProxy;
  readonly metricsTargets: readonly MetricsTarget[];
  readonly ratePerMinute: number;
  readonly logLevel: string;
}

/** Throws one plain sentence that names the variables that are wrong. */
export function readConfig(environment: NodeJS.ProcessEnv): ApiConfig {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(present);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((i) => String(i.path[0])))];
    throw new Error(`The api cannot start: missing or not valid in the environment: ${names.join(', ')}.`);
  }
  const e = parsed.data;
  return {
    databaseUrl: e.DATABASE_URL,
    secretKeyFile: e.CALLWRIGHT_SECRET_KEY_FILE,
    mediaDir: e.CALLWRIGHT_MEDIA_DIR,
    httpPort: e.CALLWRIGHT_HTTP_PORT,
    bind: e.CALLWRIGHT_BIND,
    sipWs: sipWsOf(e),
    trustProxy: trustedProxies(e.CALLWRIGHT_TRUST_PROXY),
    // this process serves its own
    metricsTargets: parseTargets(e.CALLWRIGHT_METRICS_TARGETS).filter(({ role }) => role !== 'api'),
    ratePerMinute: e.CALLWRIGHT_API_RATE,
    logLevel: e.CALLWRIGHT_LOG_LEVEL,
  };
}

function sipWsOf(e: z.output<typeof Environment>): ApiConfig['sipWs'] {
  const outside = /^(.+):([0-9]+)$/.exec(e.CALLWRIGHT_SIP_WS ?? '');
  if (outside) return { host: outside[1]!.replace(/^\[|\]$/g, ''), port: Number(outside[2]) };
  if (e.CALLWRIGHT_WS_PORT === 0) return null;
  const everywhere = e.CALLWRIGHT_BIND === '0.0.0.0' || e.CALLWRIGHT_BIND === '::';
  return { host: everywhere ? 'localhost' : e.CALLWRIGHT_BIND, port: e.CALLWRIGHT_WS_PORT };
}

function trustedProxies(text: string | undefined): TrustedProxy {
  if (text === undefined) return NO_PROXY;
  const trusted = parseTrustedProxies(text);
  if (!trusted)
    throw new Error(
      'The api cannot start: CALLWRIGHT_TRUST_PROXY must be a number of proxies (1 to 10), or their addresses and networks, comma separated.',
    );
  return trusted;
}

function parseTargets(text: string): MetricsTarget[] {
  const seen = new Map<string, number>();
  // several processes of one role: calls, calls-2, …
  const unique = (role: string): string => {
    const count = (seen.get(role) ?? 0) + 1;
    seen.set(role, count);
    return count === 1 ? role : `${role}-${count}`;
  };
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const match = /^\s*([a-z0-9-]+)=([^\s=]+:\d+)\s*$/.exec(part);
      if (!match)
        throw new Error('The api cannot start: CALLWRIGHT_METRICS_TARGETS must be role=host:port, comma separated.');
      return { role: unique(match[1]!), url: `http://${match[2]!}/metrics` };
    });
}
