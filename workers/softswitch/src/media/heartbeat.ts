/** HEARTBEAT events: how full and how busy the server is (wire-protocols §B2.2). */
import { cpus } from 'node:os';
import type { MediaCore } from './media-core.ts';

const INTERVAL_MS = 20_000;

/** Publishes one every 20 s; the function it answers ends that. */
export function startHeartbeat(core: MediaCore): () => void {
  let cpuBefore = cpuTimes();
  let channelsBefore = core.traffic.channels;
  const timer = setInterval(() => {
    const cpu = cpuTimes();
    const total = cpu.total - cpuBefore.total;
    const idle = total > 0 ? ((cpu.idle - cpuBefore.idle) * 100) / total : 100;
    const perSecond = (core.traffic.channels - channelsBefore) / (INTERVAL_MS / 1000);
    cpuBefore = cpu;
    channelsBefore = core.traffic.channels;
    core.bus.publish('HEARTBEAT', {
      'Event-Info': 'System Ready',
      'Up-Time': `${Math.floor(process.uptime())} seconds`,
      'FreeSWITCH-Version': 'Callwright softswitch',
      'Session-Count': String(core.channels.size),
      'Max-Sessions': String(core.maxChannels),
      'Session-Per-Sec': String(Math.round(perSecond)),
      'Session-Since-Startup': String(core.traffic.channels),
      'Idle-CPU': idle.toFixed(6),
      'Heartbeat-Interval': String(INTERVAL_MS / 1000),
    });
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}

/** Time all processors have spent, idle and in total. */
function cpuTimes(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.idle + times.user + times.nice + times.sys + times.irq;
  }
  return { idle, total };
}
