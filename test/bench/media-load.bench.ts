/**
 * Load on the media server alone: N endpoints that play a file while their far ends talk, packet spacing at the far ends, CPU and
 * memory of the server's process, and the delay from a `playback` command to its first packet.
 *
 * Run: `node test/bench/media-load.bench.ts [streams …]` (default 300 600). Prints one JSON line per number of streams.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { startSipServer } from '@callwright/softswitch';

const require = createRequire(import.meta.url);
const HOST = '127.0.0.1';
const SECRET = 'bench';
const MEASURE_MS = 20_000;
const METRICS_PORT = 50_000 + Math.floor(Math.random() * 5_000);
const SETTLE_MS = 2_000;
const DELAY_PROBES = 200;
/** Clock ticks per second of /proc/<pid>/stat on Linux. */
const TICKS = 100;

interface Endpoint {
  readonly conn: { readonly socket: { setNoDelay(on: boolean): void } };
  readonly uuid: string;
  readonly local: { readonly mediaPort: string };
  play(file: string): Promise<unknown>;
  api(command: string, arg: string): Promise<unknown>;
  execute(app: string, arg: string): Promise<unknown>;
  destroy(): Promise<void>;
}

interface Report {
  readonly packets: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly silentStreams: number;
  /** Lateness of the measuring thread itself. */
  readonly ownLagP99: number;
  readonly ownLagP999: number;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function wav(seconds: number): Buffer {
  const samples = seconds * 8000;
  const file = Buffer.alloc(44 + samples * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + samples * 2, 4);
  file.write('WAVEfmt ', 8);
  for (const [at, value] of [
    [16, 16],
    [24, 8000],
    [28, 16_000],
    [40, samples * 2],
  ] as const)
    file.writeUInt32LE(value, at);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    file.writeUInt16LE(value, at);
  file.write('data', 36);
  for (let i = 0; i < samples; i++) file.writeInt16LE(Math.round(6000 * Math.sin(i / 3)), 44 + i * 2);
  return file;
}

/** A thread with all far ends: their sockets, arrival times and speech. */
class FarEnds {
  private readonly worker = new Worker(new URL('./rtp-receivers.ts', import.meta.url));
  private readonly waiting = new Map<number, (value: never) => void>();
  private next = 0;

  constructor() {
    this.worker.on('message', ({ id, value }: { id: number; value: never }) => {
      this.waiting.get(id)?.(value);
      this.waiting.delete(id);
    });
  }

  open(): Promise<{ index: number; port: number }> {
    return this.ask({ kind: 'open' });
  }

  connect(index: number, port: number, talk: boolean): Promise<void> {
    return this.ask({ kind: 'connect', index, port, talk });
  }

  /** Forgets what came before and begins to count. */
  reset(): Promise<void> {
    return this.ask({ kind: 'reset' });
  }

  report(): Promise<Report> {
    return this.ask({ kind: 'report' });
  }

  /** performance.timeOrigin-based time of the next packet of a stream. */
  nextPacket(index: number): Promise<number> {
    return this.ask({ kind: 'next', index });
  }

  close(): Promise<number> {
    return this.worker.terminate();
  }

  private ask<T>(message: object): Promise<T> {
    const id = this.next++;
    this.worker.postMessage({ ...message, id });
    return new Promise((resolve) => this.waiting.set(id, resolve as (value: never) => void));
  }
}

interface Usage {
  readonly cpuMs: number;
  readonly rssMb: number;
}

function usage(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuMs: ((Number(stat[11]) + Number(stat[12])) * 1000) / TICKS, rssMb: Number(rss) / 1024 };
}

async function startMedia(mediaDir: string): Promise<{ child: ChildProcess; eslPort: number }> {
  const main = fileURLToPath(new URL('../../workers/softswitch/src/media-main.ts', import.meta.url));
  const port = 30_000 + Math.floor(Math.random() * 10_000);
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      FREESWITCH_HOST: `${HOST}:0`,
      FREESWITCH_SECRET: SECRET,
      CALLWRIGHT_MEDIA_SIP_PORT: '0',
      CALLWRIGHT_RTP_PORTS: `${port}-${port + 9999}`,
      CALLWRIGHT_MEDIA_DIR: mediaDir,
      CALLWRIGHT_METRICS_PORT: String(METRICS_PORT),
    },
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (data: Buffer) => resolve(String(data)));
    child.once('exit', () => reject(new Error('the media server did not start')));
  });
  return { child, eslPort: (JSON.parse(line) as { eslPort: number }).eslPort };
}

function offer(port: number): string {
  return `v=0\r\no=- 1 1 IN IP4 ${HOST}\r\ns=-\r\nc=IN IP4 ${HOST}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n`;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN) * 10) / 10;
}

/** Counts of the server's own clock lateness, by upper bound in seconds. */
async function clockLateness(): Promise<Record<string, number>> {
  const text = await (await fetch(`http://${HOST}:${METRICS_PORT}/metrics`)).text();
  const buckets = [...text.matchAll(/clock_late_seconds_bucket\{le="([^"]+)"\} (\d+)/g)];
  return Object.fromEntries(buckets.map(([, bound, count]) => [bound, Number(count)]));
}

/** Delay from a playback command, sent on the endpoint's own connection, to its first packet at the far end. */
async function firstPacketDelays(endpoint: Endpoint, farEnds: FarEnds, index: number, file: string): Promise<number[]> {
  const delays: number[] = [];
  for (let i = 0; i < DELAY_PROBES; i++) {
    await endpoint.api('uuid_break', endpoint.uuid);
    await sleep(30 + Math.random() * 40);
    const arrival = farEnds.nextPacket(index);
    await sleep(2);
    const asked = performance.timeOrigin + performance.now();
    void endpoint.execute('playback', file);
    delays.push((await arrival) - asked);
  }
  return delays;
}

async function measure(streams: number): Promise<void> {
  const mediaDir = mkdtempSync(join(tmpdir(), 'callwright-bench-'));
  const file = join(mediaDir, 'long.wav');
  writeFileSync(file, wav(120));
  const sip = await startSipServer({
    bind: HOST,
    sipPort: 0,
    publicAddress: HOST,
    appHost: HOST,
    appPort: 0,
    secret: SECRET,
  });
  const { child, eslPort } = await startMedia(mediaDir);
  const Srf = require('drachtio-srf');
  const Mrf = require('drachtio-fsmrf');
  const srf = new Srf();
  srf.connect({ host: HOST, port: sip.appPort, secret: SECRET });
  await new Promise((resolve) => srf.on('connect', resolve));
  const ms = await new Mrf(srf).connect({
    address: HOST,
    port: eslPort,
    secret: SECRET,
    listenAddress: HOST,
    advertisedAddress: HOST,
  });
  const farEnds = new FarEnds();
  const idle = usage(child.pid!);
  const endpoints: Endpoint[] = [];
  for (let i = 0; i < streams; i++) {
    const { index, port } = await farEnds.open();
    const endpoint: Endpoint = await ms.createEndpoint({ remoteSdp: offer(port) });
    // drachtio-modesl writes a command in pieces; without this each command waits 40 ms for a delayed ACK.
    endpoint.conn.socket.setNoDelay(true);
    await farEnds.connect(index, Number(endpoint.local.mediaPort), true);
    void endpoint.play(file);
    endpoints.push(endpoint);
  }
  await sleep(SETTLE_MS);
  const lateBefore = await clockLateness();
  await farEnds.reset();
  const before = usage(child.pid!);
  await sleep(MEASURE_MS);
  const after = usage(child.pid!);
  const report = await farEnds.report();
  const lateAfter = await clockLateness();
  const delays = await firstPacketDelays(endpoints[0]!, farEnds, 0, file);
  const line = {
    streams,
    cpuShareOfOneCore: Math.round(((after.cpuMs - before.cpuMs) / MEASURE_MS) * 100) / 100,
    kilobytesPerStream: Math.round(((after.rssMb - idle.rssMb) * 1024) / streams),
    spacingMs: report,
    clockLateBySeconds: Object.fromEntries(
      Object.entries(lateAfter).map(([bound, count]) => [bound, count - (lateBefore[bound] ?? 0)]),
    ),
    expectedPackets: streams * 50 * (MEASURE_MS / 1000),
    firstPacketMs: { p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) },
    loadAverage: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
  ms.disconnect();
  srf.disconnect();
  await farEnds.close();
  await sip.close();
  rmSync(mediaDir, { recursive: true, force: true });
}

// The measuring side must not add its own lateness where the machine is busy with other things; only root may ask for this.
spawnSync('chrt', ['-r', '-a', '-p', '1', String(process.pid)], { stdio: 'ignore' });
const wanted = process.argv.slice(2).map(Number);
for (const streams of wanted.length > 0 ? wanted : [300, 600]) await measure(streams);
process.exit(0);
