/** Memory of an installation's processes over time: resident from /proc, heap from their metrics; how fast each grows. */
import type { World } from '../../e2e/world.ts';
import { readUsage } from '../usage.ts';

interface Sample {
  readonly calls: number;
  readonly mib: number;
}

export interface Growth {
  readonly firstMiB: number;
  readonly lastMiB: number;
  /** Of a line through the samples of the later half. */
  readonly mibPer1000Calls: number;
  /** Over the later half it grows by less than a tenth of what it was. */
  readonly flat: boolean;
}

const FLAT = 0.1;

const HEAP = /^(?:callwright_media_)?nodejs_heap_size_used_bytes\{.*?process="([^"]+)".*?\} (\S+)$/gm;

/** Samples what there is with the number of calls so far; `growth` sums up. */
export class MemoryLog {
  private readonly series = new Map<string, Sample[]>();
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  async sample(calls: number): Promise<void> {
    for (const [role, mib] of Object.entries(readUsage(this.world.installation).rssMiB))
      if (mib > 0) this.add(`${role} rss`, { calls, mib });
    const answer = await fetch(`${this.world.installation.url}/metrics`).catch(() => null);
    const heaps = new Map<string, number>();
    for (const [, name, bytes] of ((await answer?.text()) ?? '').matchAll(HEAP))
      heaps.set(name!, (heaps.get(name!) ?? 0) + Number(bytes) / 1024 / 1024);
    for (const [name, mib] of heaps) this.add(`${name} heap`, { calls, mib });
  }

  /** By process and measure. */
  growth(): Record<string, Growth> {
    return Object.fromEntries(
      [...this.series].map(([name, samples]) => {
        const later = samples.slice(Math.floor(samples.length / 2));
        const perCall = slope(later);
        const grown = perCall * (later.at(-1)!.calls - later[0]!.calls);
        return [
          name,
          {
            firstMiB: Math.round(samples[0]!.mib),
            lastMiB: Math.round(samples.at(-1)!.mib),
            mibPer1000Calls: Math.round(perCall * 10_000) / 10,
            flat: grown < FLAT * later[0]!.mib,
          },
        ];
      }),
    );
  }

  private add(name: string, sample: Sample): void {
    this.series.set(name, [...(this.series.get(name) ?? []), sample]);
  }
}

/** Least squares; 0 when there is nothing to fit. */
function slope(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [x, y] = [mean(({ calls }) => calls), mean(({ mib }) => mib)];
  const spread = samples.reduce((sum, { calls }) => sum + (calls - x) ** 2, 0);
  if (spread === 0) return 0;
  return samples.reduce((sum, { calls, mib }) => sum + (calls - x) * (mib - y), 0) / spread;
}
