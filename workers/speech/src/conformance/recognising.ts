/** What every recognising provider must do, whatever it recognises: the caller supplies utterances and what they hold. */
import type { Pcm, RecognisingProvider, Recognition } from '../provider.ts';
import type { Vitest } from './speaking.ts';

export interface Utterance {
  readonly name: string;
  readonly pcm: Pcm;
  readonly language: string;
  readonly expected: string;
}

/** Feeds audio in frames of `frameMs`, as a media server would. */
export function recognise(
  provider: RecognisingProvider,
  { pcm, language }: Pick<Utterance, 'pcm' | 'language'>,
  frameMs = 20,
) {
  const session = provider.open({ language, sampleRateHz: pcm.sampleRateHz });
  const size = Math.round((pcm.sampleRateHz * frameMs) / 1000);
  const found: Recognition[] = [];
  for (let at = 0; at < pcm.samples.length; at += size) {
    found.push(...session.push({ samples: pcm.samples.subarray(at, at + size), sampleRateHz: pcm.sampleRateHz }));
  }
  found.push(...session.end());
  return found;
}

const finalText = (found: readonly Recognition[]): string =>
  found
    .filter((recognition) => recognition.final)
    .map((recognition) => recognition.value)
    .join('');

export function recognisingConformance(
  { describe, it, expect }: Vitest,
  provider: RecognisingProvider,
  utterances: readonly Utterance[],
): void {
  describe(`${provider.id}: recognising provider`, () => {
    it.each(utterances.map((utterance) => [utterance.name, utterance] as const))(
      'recognises %s',
      (_name, utterance) => {
        const found = recognise(provider, utterance);
        expect(finalText(found)).toBe(utterance.expected);
        for (const { confidence } of found) {
          expect(confidence).toBeGreaterThan(0);
          expect(confidence).toBeLessThanOrEqual(1);
        }
      },
    );

    it('does not depend on how the audio is cut into frames', () => {
      const utterance = utterances[0]!;
      const texts = [10, 20, 37, 1000].map((frameMs) => finalText(recognise(provider, utterance, frameMs)));
      expect(new Set(texts)).toEqual(new Set([utterance.expected]));
    });

    it('finds nothing in silence or noise', () => {
      let seed = 1;
      const noise = Int16Array.from({ length: 16_000 }, () => {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        return ((seed >> 16) % 4000) - 2000;
      });
      for (const samples of [new Int16Array(16_000), noise]) {
        expect(recognise(provider, { pcm: { samples, sampleRateHz: 8000 }, language: 'en' })).toEqual([]);
      }
    });

    it('keeps sessions apart', () => {
      const utterance = utterances[0]!;
      const idle = provider.open({ language: utterance.language, sampleRateHz: utterance.pcm.sampleRateHz });
      recognise(provider, utterance);
      expect(idle.end()).toEqual([]);
    });
  });
}
