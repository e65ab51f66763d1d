/** What every speaking provider must do. A provider's own test calls this with vitest's functions. */
import type { describe, expect, it } from 'vitest';
import type { SpeakingProvider } from '../provider.ts';
import { durationMs } from '../wav.ts';

export interface Vitest {
  readonly describe: typeof describe;
  readonly it: typeof it;
  readonly expect: typeof expect;
}

const SENTENCES: Readonly<Record<string, string>> = {
  en: 'Welcome. For sales press one, for support press two.',
  fr: 'Bienvenue. Pour les ventes, tapez un, pour le support, tapez deux.',
  it: 'Benvenuti. Per le vendite premete uno, per il supporto premete due.',
};

const loudness = (samples: Int16Array): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length));

export function speakingConformance(
  { describe, it, expect }: Vitest,
  name: string,
  open: () => SpeakingProvider,
): void {
  describe(`${name}: speaking provider`, () => {
    it.each(Object.entries(SENTENCES))('speaks %s at a natural length and loudness', async (language, text) => {
      const provider = open();
      const pcm = await provider.speak({ text, language });
      const perLetterMs = durationMs(pcm) / text.length;
      expect(perLetterMs).toBeGreaterThan(30);
      expect(perLetterMs).toBeLessThan(150);
      expect(loudness(pcm.samples)).toBeGreaterThan(300);
      await provider.close();
    });

    it('speaks the same text alike each time (2 % in length), so that speech can be cached by its recipe', async () => {
      const provider = open();
      const request = { text: 'One two three', language: 'en' };
      const [first, second] = [await provider.speak(request), await provider.speak(request)];
      expect(Math.abs(first.samples.length / second.samples.length - 1)).toBeLessThan(0.02);
      await provider.close();
    });

    it('takes a regional tag for its language', async () => {
      const provider = open();
      expect((await provider.speak({ text: 'Bonjour', language: 'fr-CA' })).samples.length).toBeGreaterThan(1000);
      await provider.close();
    });

    it('speaks different languages differently', async () => {
      const provider = open();
      const [en, fr] = [
        await provider.speak({ text: '1234', language: 'en' }),
        await provider.speak({ text: '1234', language: 'fr' }),
      ];
      expect(en.samples.length).not.toBe(fr.samples.length);
      await provider.close();
    });

    it('speaks markup as text, so that a value cannot change the voice', async () => {
      const provider = open();
      const tagged = await provider.speak({ text: 'a <break time="9s"/> b & c', language: 'en' });
      expect(durationMs(tagged)).toBeLessThan(8000);
      await provider.close();
    });

    it('serves requests made at once, each with its own answer', async () => {
      const provider = open();
      const texts = ['One', 'A much longer sentence, with many more words in it', 'Two'];
      const together = await Promise.all(texts.map((text) => provider.speak({ text, language: 'en' })));
      for (const [index, text] of texts.entries()) {
        const alone = await provider.speak({ text, language: 'en' });
        expect(together[index]!.samples.length / alone.samples.length).toBeCloseTo(1, 1);
      }
      await provider.close();
    });

    it.each([
      ['an unknown language', { text: 'Hello', language: 'tlh' }, 'SPE_LANGUAGE'],
      ['empty text', { text: '  ', language: 'en' }, 'SPE_TEXT'],
      ['too long a text', { text: 'x'.repeat(4001), language: 'en' }, 'SPE_TEXT'],
    ])('refuses %s with its code', async (_case, request, code) => {
      const provider = open();
      await expect(provider.speak(request)).rejects.toMatchObject({ code });
      await provider.close();
    });
  });
}
