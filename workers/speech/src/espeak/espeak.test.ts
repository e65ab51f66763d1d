import { describe, expect, it } from 'vitest';
import { speakingConformance } from '../conformance/index.ts';
import { createEspeak } from './espeak.provider.ts';

speakingConformance({ describe, it, expect }, 'espeak', createEspeak);

describe('espeak process', () => {
  it('fails what waits when it is closed and starts again on the next request', async () => {
    const provider = createEspeak();
    const waiting = provider.speak({ text: 'Hello', language: 'en' });
    await provider.close();
    await expect(waiting).rejects.toMatchObject({ code: 'SPE_PROVIDER' });
    expect((await provider.speak({ text: 'Hello', language: 'en' })).samples.length).toBeGreaterThan(1000);
    await provider.close();
  });
});
