/** Embedded text to speech: eSpeak NG in a child process, with no download at run time (ADR speech-engine). */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SpeechError } from '../errors.ts';
import type { Pcm, SpeakingProvider, SpeakRequest } from '../provider.ts';

/** Voices of the engine by primary language. */
const VOICES: Readonly<Record<string, string>> = {
  en: 'en',
  fr: 'fr',
  it: 'it',
  de: 'de',
  es: 'es',
  nl: 'nl',
  pt: 'pt',
};

const TIMEOUT_MS = 20_000;
const MAX_TEXT = 4000;

interface Pending {
  resolve(pcm: Pcm): void;
  reject(error: SpeechError): void;
  readonly timer: NodeJS.Timeout;
}

/** Starts the engine's process on first use and again after it died. */
export function createEspeak(): SpeakingProvider {
  const pending = new Map<number, Pending>();
  let child: ChildProcessWithoutNullStreams | undefined;
  let lastId = 0;

  const settle = (id: number, use: (waiting: Pending) => void): void => {
    const waiting = pending.get(id);
    if (!waiting) return;
    pending.delete(id);
    clearTimeout(waiting.timer);
    use(waiting);
  };

  const failAll = (reason: string): void => {
    child = undefined;
    for (const id of [...pending.keys()]) settle(id, (w) => w.reject(new SpeechError('SPE_PROVIDER', reason)));
  };

  const start = (): ChildProcessWithoutNullStreams => {
    const process_ = spawn(process.execPath, [fileURLToPath(new URL('./espeak.process.ts', import.meta.url))], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    process_.on('error', (error) => failAll(error.message));
    process_.on('exit', () => {
      if (child === process_) failAll('engine process ended');
    });
    // a write to a dying child must not end us; its exit settles what waits
    process_.stdin.on('error', () => {});
    process_.stderr.resume();
    createInterface({ input: process_.stdout }).on('line', (line) => {
      const { id, rate, pcm, error } = JSON.parse(line) as { id: number; rate: number; pcm?: string; error?: string };
      settle(id, (w) =>
        pcm === undefined ? w.reject(new SpeechError('SPE_PROVIDER', error)) : w.resolve(toPcm(pcm, rate)),
      );
    });
    return process_;
  };

  return {
    id: 'espeak',
    version: '0.3.5',
    languages: Object.keys(VOICES),
    speak: async (request) => {
      const voice = voiceFor(request);
      child ??= start();
      const id = ++lastId;
      const { promise, resolve, reject } = Promise.withResolvers<Pcm>();
      const timer = setTimeout(() => {
        settle(id, (w) => w.reject(new SpeechError('SPE_TIMEOUT')));
        child?.kill('SIGKILL');
      }, TIMEOUT_MS);
      pending.set(id, { resolve, reject, timer });
      child.stdin.write(`${JSON.stringify({ id, text: request.text, voice })}\n`);
      return promise;
    },
    close: async () => {
      const running = child;
      failAll('closed');
      running?.kill('SIGKILL');
    },
  };
}

function voiceFor({ text, language }: SpeakRequest): string {
  if (text.trim() === '' || text.length > MAX_TEXT) throw new SpeechError('SPE_TEXT');
  const voice = VOICES[language.toLowerCase().split('-')[0] ?? ''];
  if (!voice) throw new SpeechError('SPE_LANGUAGE', language);
  return voice;
}

function toPcm(base64: string, sampleRateHz: number): Pcm {
  const bytes = Buffer.from(base64, 'base64');
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1));
  return { samples: new Int16Array(copy), sampleRateHz };
}
