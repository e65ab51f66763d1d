/**
 * A transcription service on a free port, for tests of whoever asks one: it speaks `POST /v1/audio/transcriptions`, and what it
 * recognises are the keys in the sound, by the product's own recogniser. Nothing but the model is made up.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inbandDtmf } from '../inband-dtmf/inband-dtmf.provider.ts';
import { decodeWav, encodeWav, TELEPHONE_RATE_HZ } from '../wav.ts';
import { recognise } from './recognising.ts';

export interface TranscriptionService {
  readonly url: string;
  readonly port: number;
  /** Requests so far: log-in, fields, bytes of the file. */
  readonly asked: {
    readonly authorization: string | null;
    readonly fields: Record<string, string>;
    readonly bytes: number;
  }[];
  /** Answer to the next requests instead of a transcript, until it is null again; `hang`: none. */
  answer: { readonly status: number; readonly text: string } | 'hang' | null;
  close(): Promise<void>;
}

/** A telephone WAV in which these keys are pressed; empty: silence. */
export function keysWav(keys: string): Buffer {
  const rows = ['123A', '456B', '789C', '*0#D'];
  const block = TELEPHONE_RATE_HZ * 0.08;
  const samples = [...keys].flatMap((key) => {
    const row = rows.findIndex((one) => one.includes(key));
    const hz = [[697, 770, 852, 941][row]!, [1209, 1336, 1477, 1633][rows[row]!.indexOf(key)]!];
    const tone = Array.from({ length: block }, (_, i) =>
      hz.reduce((sum, f) => sum + 5000 * Math.sin((2 * Math.PI * f * i) / TELEPHONE_RATE_HZ), 0),
    );
    return [...tone, ...new Array<number>(block).fill(0)];
  });
  return encodeWav({
    // long enough for a message: what is shorter than a second is none
    samples: Int16Array.from([...samples, ...new Array<number>(12_000).fill(0)]),
    sampleRateHz: TELEPHONE_RATE_HZ,
  });
}

async function read(request: IncomingMessage): Promise<FormData> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = { 'content-type': String(request.headers['content-type']) };
  return new Response(Buffer.concat(chunks), { headers }).formData();
}

function heard(wav: Buffer): string {
  const found = recognise(inbandDtmf, { pcm: decodeWav(wav), language: 'en' });
  return found
    .filter(({ final }) => final)
    .map(({ value }) => [...value].join(' '))
    .join(' ');
}

/** `key`: what must be asked with; absent: anybody may. */
export async function startTranscriptionService(key?: string): Promise<TranscriptionService> {
  const asked: TranscriptionService['asked'] = [];
  let answer: TranscriptionService['answer'] = null;
  const json = (response: ServerResponse, status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    const form = await read(request);
    const file = form.get('file');
    const authorization = request.headers.authorization ?? null;
    const fields = Object.fromEntries(
      [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    );
    const bytes = file instanceof Blob ? Buffer.from(await file.arrayBuffer()) : null;
    asked.push({ authorization, fields, bytes: bytes?.length ?? 0 });
    if (answer === 'hang') return undefined;
    if (answer) return response.writeHead(answer.status, { location: 'http://127.0.0.1:1/' }).end(answer.text);
    if (key !== undefined && authorization !== `Bearer ${key}`)
      return json(response, 401, { error: { code: 'invalid_api_key' } });
    if (request.url !== '/v1/audio/transcriptions' || !bytes || !fields.model)
      return json(response, 400, { error: {} });
    return json(response, 200, { text: ` ${heard(bytes)}\n`, language: fields.language ?? 'en' });
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1/audio/transcriptions`,
    port,
    asked,
    get answer() {
      return answer;
    },
    set answer(value) {
      answer = value;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
