/** Prometheus metrics of the media server. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { MediaServer } from './media-server.ts';

export interface MediaMetrics {
  readonly contentType: string;
  /** Takes the lateness of one clock phase in milliseconds. */
  observeLateness(lateMs: number): void;
  /** Text of the exposition format. */
  render(): Promise<string>;
}

/** `server` answers null until the server runs. */
export function mediaMetrics(server: () => MediaServer | null): MediaMetrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry, prefix: 'callwright_media_' });
  const lateness = new Histogram({
    name: 'callwright_media_clock_late_seconds',
    help: 'How late the phases of the media clock ran',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
    registers,
  });
  gauge(registers, 'channels', 'Channels that are up', () => server()?.counts().channels ?? 0);
  gauge(registers, 'streams', 'RTP port pairs in use', () => server()?.counts().ports ?? 0);
  gauge(registers, 'dialogs', 'SIP dialogs', () => server()?.counts().dialogs ?? 0);
  gauge(registers, 'sip_transactions', 'Open SIP transactions', () => server()?.counts().transactions ?? 0);
  gauge(
    registers,
    'event_socket_connections',
    'Inbound event-socket connections',
    () => server()?.counts().connections ?? 0,
  );
  gauge(registers, 'audio_cache_bytes', 'Decoded audio in memory', () => server()?.core.library.cachedBytes() ?? 0);
  packetCounter(registers, 'sent', () => server()?.core.traffic.sent ?? 0);
  packetCounter(registers, 'received', () => server()?.core.traffic.received ?? 0);
  return {
    contentType: registry.contentType,
    observeLateness: (lateMs) => lateness.observe(Math.max(0, lateMs) / 1000),
    render: () => registry.metrics(),
  };
}

function gauge(registers: Registry[], name: string, help: string, read: () => number): void {
  new Gauge({
    name: `callwright_media_${name}`,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}

function packetCounter(registers: Registry[], direction: 'sent' | 'received', read: () => number): void {
  let last = 0;
  new Counter({
    name: `callwright_media_rtp_packets_${direction}_total`,
    help: `RTP packets ${direction}`,
    registers,
    collect() {
      const now = read();
      this.inc(now - last);
      last = now;
    },
  });
}
