/** How every process of an installation connects to Temporal: same codec, same settings (temporal.md §4.2, §5.5). */
import { readFileSync } from 'node:fs';
import { Client, Connection, type TLSConfig } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { type ClosureSource, closureCache } from './closure-cache.ts';
import { type PayloadCipher, payloadCodec } from './payload-codec.ts';

/** Where Temporal is and how to prove who we are. A user's own cluster or Cloud is chosen by these alone. */
export interface TemporalAddress {
  /** host:port */
  readonly address: string;
  readonly namespace: string;
  readonly apiKey?: string;
  readonly tls?: TLSConfig | boolean;
}

export interface TemporalOptions extends TemporalAddress {
  /** The installation's keyring (`@callwright/store`). */
  readonly cipher: PayloadCipher;
  readonly closures: ClosureSource;
  /** How long decoding waits for a store that is away; 60 s when absent. */
  readonly patienceMs?: number;
}

const CACHED_CLOSURES = 500;

/**
 * Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE (`default`), TEMPORAL_API_KEY, TEMPORAL_TLS (`true`), TEMPORAL_TLS_CLIENT_CERT_PATH,
 * TEMPORAL_TLS_CLIENT_KEY_PATH and TEMPORAL_TLS_SERVER_CA_CERT_PATH. Throws one plain sentence when the address is missing.
 */
export function temporalFromEnvironment(environment: NodeJS.ProcessEnv): TemporalAddress {
  const address = environment.TEMPORAL_ADDRESS;
  if (!address || !/^.+:\d+$/.test(address)) throw new Error('TEMPORAL_ADDRESS must be set to host:port.');
  const read = (name: string): Buffer | undefined => {
    const path = environment[name];
    return path ? readFileSync(path) : undefined;
  };
  const crt = read('TEMPORAL_TLS_CLIENT_CERT_PATH');
  const key = read('TEMPORAL_TLS_CLIENT_KEY_PATH');
  const ca = read('TEMPORAL_TLS_SERVER_CA_CERT_PATH');
  if (!crt !== !key) throw new Error('TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH belong together.');
  const apiKey = environment.TEMPORAL_API_KEY;
  const wanted = environment.TEMPORAL_TLS === 'true' || crt || ca || apiKey;
  return {
    address,
    namespace: environment.TEMPORAL_NAMESPACE || 'default',
    ...(apiKey ? { apiKey } : {}),
    ...(wanted
      ? {
          tls: {
            ...(crt && key ? { clientCertPair: { crt, key } } : {}),
            ...(ca ? { serverRootCACertificate: ca } : {}),
          },
        }
      : {}),
  };
}

/** The data converter of clients and workers: default JSON conversion, our codec. */
export function dataConverter({ cipher, closures, patienceMs = 60_000 }: TemporalOptions): DataConverter {
  const cache = closureCache({ source: closures, size: CACHED_CLOSURES, patienceMs });
  return { payloadCodecs: [payloadCodec({ cipher, closures: cache })] };
}

export interface TemporalClient {
  readonly client: Client;
  readonly namespace: string;
  close(): Promise<void>;
}

/** A client for processes that start, signal and query. Reconnects within a second once Temporal is back. */
export async function connectTemporal(options: TemporalOptions): Promise<TemporalClient> {
  const connection = await Connection.connect({
    address: options.address,
    connectTimeout: '5s',
    channelArgs: {
      // the library's own ceiling is two minutes
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.min_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
    },
    ...(options.apiKey ? { apiKey: options.apiKey } : {}),
    ...(options.tls ? { tls: options.tls } : {}),
  });
  const client = new Client({ connection, namespace: options.namespace, dataConverter: dataConverter(options) });
  return { client, namespace: options.namespace, close: () => connection.close() };
}

export interface TemporalWorkerConnection {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly dataConverter: DataConverter;
}

/** A connection for `Worker.create`. gRPC compression is off: on a LAN it costs more than it saves (temporal.md §4.2). */
export async function connectTemporalWorker(options: TemporalOptions): Promise<TemporalWorkerConnection> {
  // loaded on demand: processes that only hold a client need no native core
  const { NativeConnection } = await import('@temporalio/worker');
  const connection = await NativeConnection.connect({
    address: options.address,
    grpcCompression: { codec: 'none' },
    ...(options.apiKey ? { apiKey: options.apiKey } : {}),
    ...(options.tls ? { tls: options.tls } : {}),
  });
  return { connection, namespace: options.namespace, dataConverter: dataConverter(options) };
}
