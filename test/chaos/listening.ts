/** What a call sounded like, frame by frame, with the time each frame arrived. */
import { toneShare } from '../phone/audio.ts';
import type { RtpStream } from '../phone/rtp.ts';

/** Arrival (performance.now()) of the first frame after `afterMs` that holds the tone; undefined when none came. */
export function toneOnset(rtp: RtpStream, frequencyHz: number, afterMs: number): number | undefined {
  for (let index = firstAfter(rtp, afterMs); index < rtp.arrivals.length; index++) {
    if (toneShare(rtp.samplesOf(index), frequencyHz) > 0.7) return rtp.arrivals[index]!.atMs;
  }
  return undefined;
}

function firstAfter(rtp: RtpStream, afterMs: number): number {
  let low = 0;
  let high = rtp.arrivals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rtp.arrivals[middle]!.atMs < afterMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Shorter than any pause between two tones of one call, longer than a stall of the machine. */
const SAME_TONE_MS = 1000;

/** Every stretch of one tone: when it began and ended to arrive. */
export function toneStretches(rtp: RtpStream, frequencyHz: number): { fromMs: number; toMs: number }[] {
  const stretches: { fromMs: number; toMs: number }[] = [];
  for (const [index, { atMs }] of rtp.arrivals.entries()) {
    if (toneShare(rtp.samplesOf(index), frequencyHz) < 0.7) continue;
    const last = stretches.at(-1);
    if (last && atMs - last.toMs < SAME_TONE_MS) last.toMs = atMs;
    else stretches.push({ fromMs: atMs, toMs: atMs });
  }
  return stretches;
}

/** The steps of a climbing prompt in the order heard, repeats of one step folded. */
export function stepsHeard(rtp: RtpStream, climb: { fromHz: number; stepHz: number; steps: number }): number[] {
  const heard: number[] = [];
  for (let index = 0; index < rtp.arrivals.length; index++) {
    const samples = rtp.samplesOf(index);
    let best = -1;
    let bestShare = 0.8;
    // a step is 50 Hz wide, a frame resolves as much: the strongest of all steps decides
    for (let step = 0; step < climb.steps; step++) {
      const share = toneShare(samples, climb.fromHz + climb.stepHz * step);
      if (share > bestShare) [best, bestShare] = [step, share];
    }
    if (best >= 0 && heard.at(-1) !== best) heard.push(best);
  }
  return heard;
}

/** Longest time between two arriving packets in [fromMs, toMs]. */
export function longestGap(rtp: RtpStream, fromMs: number, toMs: number): number {
  let last = fromMs;
  let longest = 0;
  for (const { atMs } of rtp.arrivals) {
    if (atMs < fromMs || atMs > toMs) continue;
    longest = Math.max(longest, atMs - last);
    last = atMs;
  }
  return Math.max(longest, toMs - last);
}
