/** Opus (RFC 6716, RFC 7587) by libopus in WebAssembly, at 8 kHz inside; on the wire its clock is 48 kHz. */
import {
  Application,
  createDecoder,
  createEncoder,
  loadLibopus,
  type OpusDecoderHandle,
  type OpusEncoderHandle,
} from 'libopus-wasm';
import type { Coder } from './coder.ts';

const FRAME = 160;
/** Longest packet in samples at 8 kHz: 120 ms. */
const MAX_SAMPLES = 960;
const MAX_PACKET_BYTES = 400;
/** Narrowband speech is transparent at this, and 50 µs of processor time a frame buy no more at the highest complexity. */
const BITS_PER_SECOND = 24_000;
const COMPLEXITY = 5;

/** Loads the module, so that the first call does not wait for it. */
export async function loadOpus(): Promise<void> {
  await loadLibopus();
}

/** A coder; both halves stand a moment after, and until then it says nothing and hears nothing. */
export function createOpus(): Coder {
  let encoder: OpusEncoderHandle | null = null;
  let decoder: OpusDecoderHandle | null = null;
  let freed = false;
  const encoding = createEncoder({
    sampleRate: 8000,
    channels: 1,
    application: Application.Voip,
    frameSize: FRAME,
    bitrate: BITS_PER_SECOND,
    complexity: COMPLEXITY,
    fec: true,
    packetLossPercent: 5,
  });
  void encoding.then((made) => {
    if (freed) made.free();
    else encoder = made;
  });
  void createDecoder({ sampleRate: 8000, channels: 1, maxFrameSize: MAX_SAMPLES }).then((made) => {
    if (freed) made.free();
    else decoder = made;
  });
  return {
    encode(pcm, out, offset) {
      const packet = encoder?.encode(pcm, { maxPacketBytes: MAX_PACKET_BYTES });
      if (!packet) return 0;
      out.set(packet, offset);
      return packet.length;
    },
    decode(data, start, end, pcm) {
      if (!decoder || end <= start) return 0;
      try {
        const samples = decoder.decode(data.subarray(start, end));
        pcm.set(samples);
        return samples.length;
      } catch {
        // bytes that are no Opus packet
        return 0;
      }
    },
    free() {
      freed = true;
      encoder?.free();
      decoder?.free();
      encoder = null;
      decoder = null;
    },
  };
}
