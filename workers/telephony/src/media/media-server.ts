/** The media server as telephony uses it: drachtio-fsmrf behind the few types it needs (wire-protocols B). */
import Mrf from 'drachtio-fsmrf';
import { TelephonyError } from '../errors.ts';
import { reinvite, type SrfLike } from '../sip/drachtio.ts';
import { isProtected } from '../sip/sdp.ts';
import { type MediaEndpoint, wrapEndpoint } from './endpoint.ts';

export interface MediaServer {
  /**
   * A channel; with the far end's description it is ready at once, without one it makes the offer (3pcc), for which `headers` say what
   * it holds. Rejects with the media server's SIP status when the description cannot be taken.
   */
  createEndpoint(remoteSdp: string | null, headers?: Record<string, string>): Promise<MediaEndpoint>;
  /** Ends a channel whoever controls it (wire-protocols A5). Resolves when asked, or could not be. */
  kill(uuid: string): Promise<void>;
  onDrop(listener: () => void): void;
  onReturn(listener: () => void): void;
  close(): void;
}

export interface MediaServerOptions {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** Address on which the media server's own connections (one per channel) are taken. */
  readonly listenAddress: string;
  /** Address of ours that the media server is told, when it differs. */
  readonly advertisedAddress?: string;
  readonly patienceMs: number;
}

const PAUSE_MS = 200;

/** Connects, trying again until `patienceMs` have passed; then rejects with `TEL_MEDIA_SERVER`. */
export async function connectMedia(srf: SrfLike, options: MediaServerOptions): Promise<MediaServer> {
  const until = Date.now() + options.patienceMs;
  for (;;) {
    try {
      return wrapServer(await new Mrf(srf).connect(connectOptions(options)));
    } catch {
      if (Date.now() > until)
        throw new TelephonyError('TEL_MEDIA_SERVER', `No answer from ${options.host}:${options.port}.`);
      await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    }
  }
}

function connectOptions({
  host,
  port,
  secret,
  listenAddress,
  advertisedAddress,
}: MediaServerOptions): Mrf.ConnectOptions {
  return {
    address: host,
    port,
    secret,
    listenAddress,
    listenPort: 0,
    ...(advertisedAddress ? { advertisedAddress } : {}),
  };
}

function wrapServer(server: Mrf.MediaServer): MediaServer {
  const { conn } = server;
  const quick = (): void => {
    // commands are written in small pieces: Nagle's algorithm would hold them back
    conn.socket?.setNoDelay(true);
  };
  quick();
  conn.on('esl::ready', quick);
  return {
    createEndpoint: async (remoteSdp, headers) => {
      if (remoteSdp !== null && isProtected(remoteSdp)) return protectedEndpoint(server, remoteSdp);
      return wrapEndpoint(await server.createEndpoint(remoteSdp === null ? { headers: headers ?? {} } : { remoteSdp }));
    },
    kill: async (uuid) => {
      // a command on a connection that is down would never be answered
      if (/^[0-9a-f-]{36}$/i.test(uuid) && conn.socket)
        await Promise.race([server.api(`uuid_kill ${uuid}`), pause(2000)]);
    },
    onDrop: (listener) => void conn.on('esl::end', listener),
    onReturn: (listener) => void conn.on('esl::ready', listener),
    close: () => server.disconnect(),
  };
}

/** fsmrf makes no channel from a description of protected sound, since it would wait for a handshake; one that stands takes it. */
async function protectedEndpoint(server: Mrf.MediaServer, remoteSdp: string): Promise<MediaEndpoint> {
  const endpoint = await server.createEndpoint({});
  try {
    if (!endpoint.dialog) throw new TelephonyError('TEL_NO_MEDIA');
    return wrapEndpoint(endpoint, await reinvite(endpoint.dialog, remoteSdp));
  } catch (error) {
    await endpoint.destroy().catch(() => {});
    throw error;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms).unref());
