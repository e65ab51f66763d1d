import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  keysWav,
  startTranscriptionService,
  type TranscriptionService,
  transcribingConformance,
} from '../conformance/index.ts';
import { SpeechError } from '../errors.ts';
import { createTranscriptionsApi, type PostForm } from './transcriptions-api.provider.ts';

let service: TranscriptionService;
beforeAll(async () => {
  service = await startTranscriptionService('sesame');
});
afterAll(() => service.close());

const post: PostForm = async (url, { headers, fields, file }) => {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  body.set('file', new Blob([new Uint8Array(file.bytes)], { type: file.type }), file.name);
  const answer = await fetch(url, { method: 'POST', headers, body }).catch((cause: unknown) => {
    throw new SpeechError('SPE_PROVIDER', 'connection', { cause });
  });
  return { status: answer.status, text: await answer.text() };
};
const provider = (url = service.url, key: string | null = 'sesame') =>
  createTranscriptionsApi({ url, model: 'small', key, post });
const recording = { wav: keysWav('147'), language: 'fr-CA', words: ['1', '4', '7'] };

transcribingConformance({ describe, it, expect }, 'transcriptions-api', () => ({
  open: (kind) => provider(kind === 'broken' ? 'http://127.0.0.1:1/v1/audio/transcriptions' : undefined),
  recording,
  silence: keysWav(''),
}));

describe('what the service is told and answers', () => {
  it('model, language as the service has it, key and sound', async () => {
    expect(await provider().transcribe(recording)).toEqual({ text: '1 4 7', language: 'fr' });
    expect(service.asked.at(-1)).toEqual({
      authorization: 'Bearer sesame',
      fields: { model: 'small', response_format: 'json', language: 'fr' },
      bytes: recording.wav.length,
    });
  });

  it.each([
    [{ status: 503, text: '' }, 'SPE_PROVIDER'],
    [{ status: 429, text: '' }, 'SPE_PROVIDER'],
    [{ status: 400, text: '{}' }, 'SPE_REFUSED'],
    [{ status: 200, text: 'no JSON' }, 'SPE_PROVIDER'],
    [{ status: 200, text: 'null' }, 'SPE_PROVIDER'],
    [{ status: 200, text: '{"text":7}' }, 'SPE_PROVIDER'],
  ])('%j is %s', async (answer, code) => {
    service.answer = answer;
    await expect(provider().transcribe(recording)).rejects.toMatchObject({ code });
    service.answer = null;
  });

  it('a wrong key will not become right', async () => {
    await expect(provider(undefined, null).transcribe(recording)).rejects.toMatchObject({ code: 'SPE_REFUSED' });
  });

  it('a transcript without end is cut', async () => {
    service.answer = { status: 200, text: JSON.stringify({ text: 'a '.repeat(50_000), language: '<b>' }) };
    const { text, language } = await provider().transcribe(recording);
    service.answer = null;
    expect(text.length).toBeLessThanOrEqual(20_000);
    expect(language).toBeNull();
  });
});
