/** Temporal for a process that must serve without it: connects in the background, says `API_UNAVAILABLE` until it has. */
import { connectTemporal, type TemporalClient, type TemporalOptions } from '@callwright/contract/codec';
import { ApiError } from './problem.ts';

const RETRY_MS = 1000;

export interface TemporalGate {
  /** The client, once connected; throws `API_UNAVAILABLE` before. */
  client(): TemporalClient['client'];
  readonly namespace: string;
  close(): Promise<void>;
}

export function temporalGate(options: TemporalOptions, onError: (error: Error) => void): TemporalGate {
  let connected: TemporalClient | null = null;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    try {
      const client = await connectTemporal(options);
      if (closed) await client.close();
      else connected = client;
    } catch (error) {
      if (closed) return;
      onError(error as Error);
      timer = setTimeout(() => void connect(), RETRY_MS);
    }
  };
  void connect();
  return {
    namespace: options.namespace,
    client: () => {
      if (!connected)
        throw new ApiError('API_UNAVAILABLE', { detail: 'Temporal does not answer.', retryAfterSeconds: 1 });
      return connected.client;
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await connected?.close();
    },
  };
}
