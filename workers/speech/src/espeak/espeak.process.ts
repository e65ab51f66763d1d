/**
 * Child process that holds the eSpeak NG engine (GPL-3): talked to over its pipes only, one JSON line each way, so that the engine
 * stays a separate program and a slow text never holds up calls. Reads `{ id, text, voice }`, writes `{ id, rate, pcm | error }`.
 */
import { createInterface } from 'node:readline';
import engine from '@echogarden/espeak-ng-emscripten';

const module = await engine();
const worker = new module.eSpeakNGWorker();
const RATE_WORDS_PER_MINUTE = 150;

const escapeMarkup = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function speak(text: string, voice: string): Buffer {
  const status = worker.set_voice(voice);
  if (status !== 0) throw new Error(`no voice ${voice}`);
  worker.set_rate(RATE_WORDS_PER_MINUTE);
  const chunks: Buffer[] = [];
  worker.synthesize(`<speak>${escapeMarkup(text)}</speak>`, (audio: ArrayBuffer | null) => {
    // the engine reuses its buffer: copy
    if (audio) chunks.push(Buffer.from(Buffer.from(audio)));
    return 0;
  });
  return Buffer.concat(chunks);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, text, voice } = JSON.parse(line) as { id: number; text: string; voice: string };
  let answer: object;
  try {
    answer = { id, rate: worker.get_samplerate(), pcm: speak(text, voice).toString('base64') };
  } catch (error) {
    answer = { id, error: (error as Error).message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
