/** Recognises DTMF keys in the audio itself (ITU-T Q.23/Q.24), for far ends that send neither RFC 4733 nor INFO. */
import type { Pcm, RecognisingProvider, Recognition, RecognitionSession } from '../provider.ts';

const ROWS_HZ = [697, 770, 852, 941];
const COLUMNS_HZ = [1209, 1336, 1477, 1633];
const KEYS = ['123A', '456B', '789C', '*0#D'];

/** Goertzel block; 12.75 ms resolves the rows and leaves three blocks in the 40 ms that Q.24 demands. */
const BLOCK_MS = 12.75;
/** Blocks that must agree before a key counts, and that must lack it before it may count again. */
const BLOCKS_TO_ACCEPT = 2;
const MIN_POWER = 4e4;
/** A key's two tones hold nearly all the energy; speech does not. */
const MIN_SHARE = 0.75;
const MAX_TWIST = 8;

/** Power of one frequency in a block, normalised so that a sine of amplitude A gives A²/2. */
function goertzel(samples: Float64Array, frequencyHz: number, rateHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / rateHz);
  let previous = 0;
  let before = 0;
  for (const sample of samples) {
    const current = sample + coefficient * previous - before;
    before = previous;
    previous = current;
  }
  const energy = previous * previous + before * before - coefficient * previous * before;
  return (2 * energy) / (samples.length * samples.length);
}

function strongest(
  samples: Float64Array,
  frequencies: readonly number[],
  rateHz: number,
): { index: number; power: number } {
  const powers = frequencies.map((frequency) => goertzel(samples, frequency, rateHz));
  const index = powers.indexOf(Math.max(...powers));
  return { index, power: powers[index] ?? 0 };
}

/** The key that a block holds, if any, with the share of energy in its two tones. */
function keyIn(block: Float64Array, rateHz: number): { key: string; share: number } | undefined {
  const total = block.reduce((sum, sample) => sum + sample * sample, 0) / block.length;
  if (total < MIN_POWER) return undefined;
  const row = strongest(block, ROWS_HZ, rateHz);
  const column = strongest(block, COLUMNS_HZ, rateHz);
  const twist = Math.max(row.power, column.power) / Math.max(1, Math.min(row.power, column.power));
  const share = Math.min(1, (row.power + column.power) / total);
  if (share < MIN_SHARE || twist > MAX_TWIST) return undefined;
  return { key: KEYS[row.index]![column.index]!, share };
}

export const inbandDtmf: RecognisingProvider = {
  id: 'inband-dtmf',
  languages: [],
  open: ({ sampleRateHz }) => openSession(sampleRateHz),
};

function openSession(rateHz: number): RecognitionSession {
  const block = new Float64Array(Math.round((rateHz * BLOCK_MS) / 1000));
  let filled = 0;
  let current: { key: string; blocks: number; share: number } | undefined;
  let reported = false;

  const endOfBlock = (): Recognition | undefined => {
    const found = keyIn(block, rateHz);
    if (!found || found.key !== current?.key) {
      current = found ? { ...found, blocks: 1 } : undefined;
      reported = false;
      return undefined;
    }
    current = { key: found.key, blocks: current.blocks + 1, share: Math.min(current.share, found.share) };
    if (reported || current.blocks < BLOCKS_TO_ACCEPT) return undefined;
    reported = true;
    return { value: current.key, confidence: current.share, final: true };
  };

  return {
    push: (pcm: Pcm) => {
      const found: Recognition[] = [];
      for (const sample of pcm.samples) {
        block[filled++] = sample;
        if (filled < block.length) continue;
        filled = 0;
        const recognition = endOfBlock();
        if (recognition) found.push(recognition);
      }
      return found;
    },
    end: () => [],
  };
}
