/** Settings of telephony, read from the environment once and checked; a wrong one is one plain sentence. */
import { CALLS_QUEUE } from '@callwright/contract';
import { type TemporalAddress, temporalFromEnvironment } from '@callwright/contract/codec';
import { TelephonyError } from './errors.ts';
import type { DigestAlgorithm } from './sip/digest.ts';

export interface TelephonySettings {
  readonly databaseUrl: string;
  readonly temporal: TemporalAddress;
  readonly drachtio: HostPort & { readonly secret: string };
  readonly freeswitch: HostPort & { readonly secret: string };
  readonly mediaDir: string;
  /** Recordings stop below this (CALLWRIGHT_RECORDING_MIN_FREE_MB). */
  readonly recordingMinFreeBytes: number;
  readonly keyFile: string;
  /** Name of the media instance; its epoch comes from the store. */
  readonly instanceName: string;
  readonly bind: string;
  readonly publicAddress: string | undefined;
  readonly maxCalls: number;
  readonly maxCallsPerSecond: number;
  /** Calls at once from one source without a log-in. */
  readonly maxCallsPerSource: number;
  /** Such a cap was asked for: it holds for this machine's own addresses too. */
  readonly capLoopback: boolean;
  readonly sessionSeconds: number;
  /** `sip:` and `sips:` entries of CALLWRIGHT_ALLOW_URLS. */
  readonly allowedSip: readonly string[];
  /** Queue of the calls workers; a suffix keeps installations apart that share a Temporal namespace. */
  readonly callsQueue: string;
  /**
   * Digest algorithms offered, the preferred first (CALLWRIGHT_SIP_DIGEST). MD5 alone by default: many phones, libre's among them,
   * refuse a challenge in which any header names an algorithm they do not know.
   */
  readonly digestAlgorithms: readonly DigestAlgorithm[];
  readonly metricsPort: number;
  readonly logLevel: string;
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

export function readEnvironment(environment: NodeJS.ProcessEnv): TelephonySettings {
  const perSource = number(environment, 'CALLWRIGHT_MAX_CALLS_PER_SOURCE', 50, 1, 100_000);
  const instanceName = environment.CALLWRIGHT_INSTANCE_NAME || 'main';
  if (!/^[a-z0-9][a-z0-9-]{0,60}$/i.test(instanceName)) {
    throw wrong('CALLWRIGHT_INSTANCE_NAME must be letters, digits and hyphens.');
  }
  const logLevel = environment.CALLWRIGHT_LOG_LEVEL || 'info';
  if (!LEVELS.includes(logLevel)) throw wrong(`CALLWRIGHT_LOG_LEVEL must be one of ${LEVELS.join(', ')}.`);
  return {
    databaseUrl: required(environment, 'DATABASE_URL'),
    temporal: temporalFromEnvironment(environment),
    drachtio: { ...hostPort(environment, 'DRACHTIO_HOST'), secret: required(environment, 'DRACHTIO_SECRET') },
    freeswitch: { ...hostPort(environment, 'FREESWITCH_HOST'), secret: required(environment, 'FREESWITCH_SECRET') },
    mediaDir: required(environment, 'CALLWRIGHT_MEDIA_DIR'),
    recordingMinFreeBytes: number(environment, 'CALLWRIGHT_RECORDING_MIN_FREE_MB', 200, 0, 10_000_000) * 1024 ** 2,
    keyFile: required(environment, 'CALLWRIGHT_SECRET_KEY_FILE'),
    instanceName,
    bind: environment.CALLWRIGHT_BIND || '127.0.0.1',
    publicAddress: environment.CALLWRIGHT_PUBLIC_ADDRESS || undefined,
    maxCalls: number(environment, 'CALLWRIGHT_MAX_CALLS', 500, 1, 100_000),
    maxCallsPerSecond: number(environment, 'CALLWRIGHT_MAX_CALLS_PER_SECOND', 50, 1, 100_000),
    maxCallsPerSource: perSource,
    capLoopback: Boolean(environment.CALLWRIGHT_MAX_CALLS_PER_SOURCE),
    sessionSeconds: number(environment, 'CALLWRIGHT_SESSION_EXPIRES', 1800, 90, 86_400),
    allowedSip: (environment.CALLWRIGHT_ALLOW_URLS ?? '').split(/[\s,]+/).filter((entry) => /^sips?:/i.test(entry)),
    callsQueue: CALLS_QUEUE + (environment.CALLWRIGHT_QUEUE_SUFFIX ?? ''),
    digestAlgorithms: digestAlgorithms(environment.CALLWRIGHT_SIP_DIGEST || 'MD5'),
    metricsPort: number(environment, 'CALLWRIGHT_METRICS_PORT', 0, 0, 65_535),
    logLevel,
  };
}

const wrong = (detail: string): TelephonyError => new TelephonyError('TEL_CONFIG', detail);

function required(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (!value) throw wrong(`${name} must be set.`);
  return value;
}

function number(environment: NodeJS.ProcessEnv, name: string, fallback: number, min: number, max: number): number {
  const text = environment[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw wrong(`${name} must be a whole number from ${min} to ${max}.`);
  return value;
}

function hostPort(environment: NodeJS.ProcessEnv, name: string): HostPort {
  const match = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(required(environment, name));
  const port = Number(match?.[2]);
  if (!match || port < 1 || port > 65_535) throw wrong(`${name} must be host:port.`);
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port };
}

function digestAlgorithms(value: string): readonly DigestAlgorithm[] {
  const names = value.toUpperCase().split(/[\s,]+/);
  if (names.every((name) => name === 'MD5' || name === 'SHA-256')) return names;
  throw wrong('CALLWRIGHT_SIP_DIGEST must be MD5, SHA-256 or both, the preferred first: "SHA-256,MD5".');
}
