/** What every transcribing provider must do, wherever it runs. A provider's own test supplies recordings and what they hold. */
import type { TranscribingProvider } from '../provider.ts';
import type { Vitest } from './speaking.ts';

export interface TranscribingStage {
  /** A provider as it is configured; `broken`: of a service that cannot be reached. */
  open(kind: 'working' | 'broken'): TranscribingProvider;
  /** A telephone WAV with the words it must come to, as lower-case words. */
  readonly recording: { readonly wav: Uint8Array; readonly language: string; readonly words: readonly string[] };
  /** A telephone WAV in which nobody speaks. */
  readonly silence: Uint8Array;
}

export function transcribingConformance(
  { describe, it, expect }: Vitest,
  name: string,
  stage: () => TranscribingStage,
): void {
  describe(`${name}: transcribing provider`, () => {
    it('turns a recording into its words', async () => {
      const { open, recording } = stage();
      const { text } = await open('working').transcribe(recording);
      const words = text.toLowerCase().split(/[^\p{L}\p{N}]+/u);
      expect(words).toEqual(expect.arrayContaining([...recording.words]));
    });

    it('finds nothing in silence', async () => {
      const { open, silence } = stage();
      expect((await open('working').transcribe({ wav: silence, language: null })).text).toBe('');
    });

    it('serves recordings given at once, each with its own text', async () => {
      const { open, recording, silence } = stage();
      const provider = open('working');
      const [one, none, other] = await Promise.all([
        provider.transcribe(recording),
        provider.transcribe({ wav: silence, language: null }),
        provider.transcribe(recording),
      ]);
      expect(none.text).toBe('');
      expect(one.text).toBe(other.text);
    });

    it('says by its code that a service cannot be reached', async () => {
      const { open, recording } = stage();
      const failed = open('broken').transcribe(recording);
      await expect(failed).rejects.toMatchObject({ code: expect.stringMatching(/^SPE_(PROVIDER|TIMEOUT)$/) });
    });
  });
}
