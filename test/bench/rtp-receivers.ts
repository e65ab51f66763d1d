/** Thread of the media bench: far ends that talk every 20 ms and note when packets come. */
import { createSocket, type Socket } from 'node:dgram';
import { parentPort } from 'node:worker_threads';

interface FarEnd {
  readonly socket: Socket;
  port: number;
  talk: boolean;
  lastMs: number;
  packets: number;
  sequence: number;
  waiting: ((atMs: number) => void) | null;
}

interface Request {
  readonly kind: 'open' | 'connect' | 'reset' | 'report' | 'next';
  readonly id: number;
  readonly index?: number;
  readonly port?: number;
  readonly talk?: boolean;
}

const ends: FarEnd[] = [];
let gaps: number[] = [];
/** How late this thread's own timer ran: the generator's share of the measured spacing. */
let lags: number[] = [];
let counting = false;
const packet = Buffer.alloc(172, 0xff);
const lookup = ((host: string, _: unknown, done: (e: null, a: string, f: number) => void) =>
  done(null, host, 4)) as never;

function open(): Promise<{ index: number; port: number }> {
  const socket = createSocket({ type: 'udp4', lookup, recvBufferSize: 64 * 1024 });
  const end: FarEnd = { socket, port: 0, talk: false, lastMs: 0, packets: 0, sequence: 0, waiting: null };
  socket.on('message', () => {
    const now = performance.now();
    if (counting && end.lastMs > 0) gaps.push(now - end.lastMs);
    end.lastMs = now;
    end.packets++;
    end.waiting?.(performance.timeOrigin + now);
    end.waiting = null;
  });
  const index = ends.push(end) - 1;
  return new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve({ index, port: socket.address().port })));
}

function speak(end: FarEnd, index: number): void {
  packet[0] = 0x80;
  packet[1] = 0;
  packet.writeUInt16BE(end.sequence & 0xffff, 2);
  packet.writeUInt32BE((end.sequence * 160) >>> 0, 4);
  packet.writeUInt32BE(index + 1, 8);
  end.sequence++;
  end.socket.send(Buffer.from(packet), 0, 172, end.port, '127.0.0.1');
}

/** Ten groups, 2 ms apart, as independent phones would come. */
let step = 0;
const startMs = performance.now();
function speakDue(): void {
  const due = Math.floor((performance.now() - startMs) / 2);
  if (counting) lags.push(Math.max(0, performance.now() - startMs - (step + 1) * 2));
  for (; step < due; step++) {
    for (let i = step % 10; i < ends.length; i += 10) if (ends[i]!.talk) speak(ends[i]!, i);
  }
  setTimeout(speakDue, 1);
}
speakDue();

function quantile(sorted: readonly number[], share: number): number {
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN) * 10) / 10;
}

function report(): object {
  counting = false;
  const sorted = gaps.toSorted((a, b) => a - b);
  const lag = lags.toSorted((a, b) => a - b);
  return {
    packets: sorted.length,
    ownLagP99: quantile(lag, 0.99),
    ownLagP999: quantile(lag, 0.999),
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    p999: quantile(sorted, 0.999),
    max: quantile(sorted, 1),
    silentStreams: ends.filter((end) => end.packets === 0).length,
  };
}

async function answer(request: Request): Promise<unknown> {
  const end = ends[request.index ?? -1];
  if (request.kind === 'open') return open();
  if (request.kind === 'connect' && end) {
    end.port = request.port ?? 0;
    end.talk = request.talk ?? false;
  }
  if (request.kind === 'reset') {
    gaps = [];
    lags = [];
    counting = true;
    for (const each of ends) [each.packets, each.lastMs] = [0, 0];
  }
  if (request.kind === 'report') return report();
  if (request.kind === 'next' && end) {
    return new Promise((resolve) => {
      end.waiting = resolve;
    });
  }
  return null;
}

parentPort!.on('message', async (request: Request) => {
  parentPort!.postMessage({ id: request.id, value: await answer(request) });
});
