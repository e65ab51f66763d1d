/** Sound in the browser: recording, and any file the browser can decode, as the PCM WAV the api takes. */

/** Enough for a telephone, whose lines carry half of it. */
const RATE_HZ = 16_000;

export interface Recording {
  stop(): Promise<Blob>;
}

/** A microphone needs a page over HTTPS or on this machine. */
export const canRecord = (): boolean => navigator.mediaDevices !== undefined && 'MediaRecorder' in window;

/** Starts recording. Throws what the browser throws when the user refuses. */
export async function startRecording(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream);
  const chunks: Blob[] = [];
  recorder.addEventListener('dataavailable', ({ data }) => chunks.push(data));
  recorder.start();
  return {
    stop: () =>
      new Promise((resolve) => {
        recorder.addEventListener('stop', () => {
          for (const track of stream.getTracks()) track.stop();
          resolve(new Blob(chunks, { type: recorder.mimeType }));
        });
        recorder.stop();
      }),
  };
}

/** Mono 16-bit PCM. Throws when the browser cannot decode the sound. */
export async function toWav(sound: Blob): Promise<Blob> {
  const decoder = new AudioContext();
  try {
    const decoded = await decoder.decodeAudioData(await sound.arrayBuffer());
    const offline = new OfflineAudioContext(1, Math.ceil(decoded.duration * RATE_HZ), RATE_HZ);
    const source = offline.createBufferSource();
    source.buffer = decoded;
    source.connect(offline.destination);
    source.start();
    return wavOf((await offline.startRendering()).getChannelData(0));
  } finally {
    await decoder.close();
  }
}

/** RIFF WAVE file of samples between -1 and 1. */
function wavOf(samples: Float32Array): Blob {
  const bytes = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at: number, value: string) => {
    for (const [index, char] of [...value].entries()) bytes.setUint8(at + index, char.charCodeAt(0));
  };
  text(0, 'RIFF');
  bytes.setUint32(4, 36 + samples.length * 2, true);
  text(8, 'WAVEfmt ');
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, RATE_HZ, true);
  bytes.setUint32(28, RATE_HZ * 2, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, 'data');
  bytes.setUint32(40, samples.length * 2, true);
  for (const [index, sample] of samples.entries()) {
    bytes.setInt16(44 + index * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true);
  }
  return new Blob([bytes.buffer], { type: 'audio/wav' });
}
