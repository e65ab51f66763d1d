/** Captures loopback UDP with tcpdump and reads G.711 audio out of the capture: what an independent client really received. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expand } from '../phone/g711.ts';

export interface CapturedStream {
  readonly fromPort: number;
  readonly toPort: number;
  /** Linear samples in arrival order. */
  readonly samples: Int16Array;
  /** Seconds since the epoch of each packet. */
  readonly times: readonly number[];
}

export class Capture {
  private readonly child: ChildProcess;
  private readonly path: string;

  private constructor(child: ChildProcess, path: string) {
    this.child = child;
    this.path = path;
  }

  /** Starts capturing UDP of a port range; resolves once tcpdump listens. */
  static async start(path: string, ports: { readonly from: number; readonly to: number }): Promise<Capture> {
    const child = spawn('tcpdump', ['-i', 'lo', '-n', '-U', '-w', path, `udp portrange ${ports.from}-${ports.to}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      child.stderr!.on('data', (data: Buffer) => data.includes('listening on') && resolve());
      child.once('exit', (code) => reject(new Error(`tcpdump ended with ${code}`)));
    });
    return new Capture(child, path);
  }

  /** Ends the capture and gives its audio streams, one per (from, to). */
  async stop(): Promise<readonly CapturedStream[]> {
    await new Promise<void>((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.kill('SIGINT');
    });
    return audioStreams(await readFile(this.path));
  }
}

/** Audio (payload types 0 and 8) of a pcap file with Ethernet framing. */
export function audioStreams(pcap: Buffer): readonly CapturedStream[] {
  const streams = new Map<string, { fromPort: number; toPort: number; samples: number[]; times: number[] }>();
  for (let at = 24; at + 16 <= pcap.length; ) {
    const time = pcap.readUInt32LE(at) + pcap.readUInt32LE(at + 4) / 1e6;
    const length = pcap.readUInt32LE(at + 8);
    addPacket(streams, pcap.subarray(at + 16, at + 16 + length), time);
    at += 16 + length;
  }
  return [...streams.values()].map((stream) => ({ ...stream, samples: Int16Array.from(stream.samples) }));
}

function addPacket(
  streams: Map<string, { fromPort: number; toPort: number; samples: number[]; times: number[] }>,
  frame: Buffer,
  time: number,
): void {
  if (frame.length < 42 || frame.readUInt16BE(12) !== 0x0800 || frame[23] !== 17) return;
  const udp = 14 + (frame[14]! & 0x0f) * 4;
  const rtp = frame.subarray(udp + 8);
  const payloadType = rtp[1]! & 0x7f;
  if (rtp.length <= 12 || rtp[0]! >> 6 !== 2 || (payloadType !== 0 && payloadType !== 8)) return;
  const fromPort = frame.readUInt16BE(udp);
  const toPort = frame.readUInt16BE(udp + 2);
  const key = `${fromPort}-${toPort}`;
  const stream = streams.get(key) ?? { fromPort, toPort, samples: [], times: [] };
  streams.set(key, stream);
  for (const byte of rtp.subarray(12)) stream.samples.push(expand(byte, payloadType === 0 ? 'ulaw' : 'alaw'));
  stream.times.push(time);
}
