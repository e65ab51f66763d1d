/**
 * Recognition by a service that speaks OpenAI's `POST /v1/audio/transcriptions` (multipart, answer `{ text, language? }`): theirs, or one of
 * the many self-hosted servers that answer alike (whisper.cpp, faster-whisper, vLLM, LocalAI).
 */
import { SpeechError } from '../errors.ts';
import type { TranscribeRequest, TranscribingProvider, Transcript } from '../provider.ts';

/** A form with one file. */
export interface Form {
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  readonly file: { readonly name: string; readonly type: string; readonly bytes: Uint8Array };
}

/**
 * Sends a form (multipart/form-data, the file as `file`) to a URL that somebody has configured: guarded and bounded by whoever makes it.
 * Rejects with a `SpeechError`.
 */
export type PostForm = (url: string, form: Form) => Promise<{ readonly status: number; readonly text: string }>;

export interface TranscriptionsApi {
  /** Whole, e.g. `https://speech.example/v1/audio/transcriptions`. */
  readonly url: string;
  readonly model: string;
  readonly key: string | null;
  readonly post: PostForm;
}

/** Longest transcript that is kept, in characters. */
export const MAX_TRANSCRIPT = 20_000;

/** Makes one. */
export function createTranscriptionsApi({ url, model, key, post }: TranscriptionsApi): TranscribingProvider {
  return {
    id: 'transcriptions-api',
    transcribe: async ({ wav, language }: TranscribeRequest) => {
      const answer = await post(url, {
        headers: key === null ? {} : { authorization: `Bearer ${key}` },
        fields: {
          model,
          response_format: 'json',
          // ISO 639-1, as the service has it
          ...(language === null ? {} : { language: language.slice(0, 2).toLowerCase() }),
        },
        file: { name: 'message.wav', type: 'audio/wav', bytes: wav },
      });
      if (answer.status === 429 || answer.status >= 500)
        throw new SpeechError('SPE_PROVIDER', `status ${answer.status}`);
      if (answer.status !== 200) throw new SpeechError('SPE_REFUSED', `status ${answer.status}`);
      return read(answer.text);
    },
  };
}

function read(text: string): Transcript {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new SpeechError('SPE_PROVIDER', 'no JSON');
  }
  const { text: said, language } = (answer ?? {}) as { text?: unknown; language?: unknown };
  if (typeof said !== 'string') throw new SpeechError('SPE_PROVIDER', 'no text');
  return {
    text: said.trim().slice(0, MAX_TRANSCRIPT),
    language: typeof language === 'string' && /^[A-Za-z-]{2,35}$/.test(language) ? language : null,
  };
}
