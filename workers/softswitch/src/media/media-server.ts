/** Puts the media server together: clock, ports, SIP profile, event socket, heartbeat and housekeeping. */
import { hostname } from 'node:os';
import { v4 as uuidv4 } from 'uuid';
import { type EslServer, listenEsl } from '../esl/servers.ts';
import { openAudioLibrary } from './audio-library.ts';
import type { Channel } from './channel.ts';
import { loadOpus } from './codec/opus.ts';
import { SoftswitchMediaError } from './errors.ts';
import { startHeartbeat } from './heartbeat.ts';
import { MediaClock } from './media-clock.ts';
import type { MediaCore } from './media-core.ts';
import { EventBus } from './media-event.ts';
import { buildReport, RTCP_INTERVAL_MS } from './rtcp.ts';
import { openPorts } from './rtp-ports.ts';
import { createDtlsEngine } from './secure/dtls.ts';
import { type SipProfile, startSipProfile } from './sip-profile.ts';

export interface MediaServerOptions {
  /** Event socket. */
  readonly eslHost: string;
  readonly eslPort: number;
  readonly secret: string;
  /** Local address of the SIP profile: whoever reaches it can have calls controlled from anywhere, so keep it private.
   * Where the event socket listens when absent. */
  readonly sipHost?: string;
  readonly sipPort: number;
  /** Local address of RTP. */
  readonly bind: string;
  /** Address written into SDP. */
  readonly publicAddress: string;
  /** `first-last`. */
  readonly rtpPorts: string;
  readonly mediaDir: string;
  readonly maxChannels: number;
  /** Told how late each phase of the clock ran, in milliseconds. */
  readonly observeLateness: (lateMs: number) => void;
}

export interface MediaServer {
  readonly core: MediaCore;
  readonly eslPort: number;
  readonly sipPort: number;
  /** Open SIP transactions, dialogs and event-socket connections, for metrics and tests. */
  counts(): { channels: number; dialogs: number; transactions: number; connections: number; ports: number };
  /** Hangs up every channel, then closes everything. */
  close(): Promise<void>;
}

const HOUSEKEEPING_MS = 40;
/** Time for BYEs and last events to leave before the sockets close. */
const FAREWELL_MS = 200;

/** Starts all parts. Rejects with a coded error when a port or setting is wrong; then nothing is left running. */
export async function startMediaServer(options: MediaServerOptions): Promise<MediaServer> {
  const sipHost = options.sipHost ?? options.eslHost;
  const identity = { coreUuid: uuidv4(), hostname: hostname(), address: options.publicAddress };
  const clock = new MediaClock(options.observeLateness);
  let profile: SipProfile | null = null;
  const [dtls] = await Promise.all([createDtlsEngine(options.publicAddress), loadOpus()]);
  const core: MediaCore = {
    identity,
    profile: 'drachtio_mrf',
    bus: new EventBus(identity),
    clock,
    library: openAudioLibrary(options.mediaDir),
    ports: openPorts(options.rtpPorts, options.bind),
    dtls,
    traffic: { sent: 0, received: 0, channels: 0 },
    channels: new Map(),
    conferences: new Map(),
    sipAddress: reachable(sipHost, options.publicAddress),
    sipPort: () => profile?.port ?? options.sipPort,
    maxChannels: options.maxChannels,
  };
  profile = await startSipProfile(core, {
    host: sipHost,
    port: options.sipPort,
    address: core.sipAddress,
    mediaAddress: options.publicAddress,
  }).catch((error: NodeJS.ErrnoException) => {
    throw new SoftswitchMediaError('MED_LISTEN', `SIP ${sipHost}:${options.sipPort} (${error.code ?? error.message})`);
  });
  const esl = await listenEsl(core, options.eslHost, options.eslPort, options.secret).catch(async (error: unknown) => {
    await profile?.close();
    throw error;
  });
  clock.start();
  const stopTimers = startTimers(core);
  return running(core, profile, esl, stopTimers);
}

function reachable(host: string, publicAddress: string): string {
  return host === '0.0.0.0' ? publicAddress : host;
}

function running(core: MediaCore, profile: SipProfile, esl: EslServer, stopTimers: () => void): MediaServer {
  return {
    core,
    eslPort: esl.port,
    sipPort: profile.port,
    counts: () => {
      const stack = profile.stack.counts();
      return {
        channels: core.channels.size,
        dialogs: profile.dialogs(),
        transactions: stack.openClientTransactions + stack.openServerTransactions,
        connections: esl.connections(),
        ports: core.ports.inUse(),
      };
    },
    close: async () => {
      const any = core.channels.size > 0;
      for (const channel of [...core.channels.values()]) channel.hangup('MANAGER_REQUEST', false);
      if (any) await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
      stopTimers();
      core.clock.stop();
      await Promise.all([esl.close(), profile.close(), core.library.close(), core.dtls.close()]);
    },
  };
}

function startTimers(core: MediaCore): () => void {
  const nextReport = new WeakMap<Channel, number>();
  const housekeeping = setInterval(() => {
    const nowMs = core.clock.now();
    for (const channel of core.channels.values()) {
      channel.stream.expireKeys();
      report(core, channel, nextReport, nowMs);
    }
  }, HOUSEKEEPING_MS);
  const heartbeat = startHeartbeat(core);
  return () => {
    clearInterval(housekeeping);
    heartbeat();
  };
}

function report(core: MediaCore, channel: Channel, next: WeakMap<Channel, number>, nowMs: number): void {
  const due = next.get(channel);
  if (due !== undefined && nowMs < due) return;
  // The first interval is random, so that reports of calls that came together do not stay together.
  next.set(channel, nowMs + RTCP_INTERVAL_MS * (due === undefined ? Math.random() : 1));
  const { stream } = channel;
  if (due === undefined || !stream.target?.send) return;
  stream.sendReport(buildReport(stream, `media@${core.identity.address}`, nowMs, Date.now()));
}
