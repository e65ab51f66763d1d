/** Thread that reads and decodes large WAV files away from the media clock. */
import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { decodeWav } from './wav.ts';

parentPort?.on('message', async (request: { id: number; path: string }) => {
  const pcm = await readFile(request.path).then(decodeWav, () => null);
  parentPort?.postMessage({ id: request.id, pcm }, pcm ? [pcm.buffer as ArrayBuffer] : []);
});
