/** A real browser's sound: RTCPeerConnection of Chromium, as caller and as called (RFC 8827: ICE, DTLS-SRTP, Opus). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeWav } from '@callwright/speech';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programPath } from '../../clients/available.ts';
import { toneShare } from '../../phone/audio.ts';
import type { Endpoint } from './fsmrf-types.ts';
import { PAIRS, type PairUnderTest } from './pair-under-test.ts';

const BROWSER_HZ = 700;
const OUR_HZ = 500;
const program = programPath('chromium');

/** Runs in the page: a connection that says a tone and measures what it hears. */
const SCRIPT = `
  const context = new AudioContext();
  const connection = new RTCPeerConnection();
  const tone = new OscillatorNode(context, { frequency: ${BROWSER_HZ} });
  const out = context.createMediaStreamDestination();
  tone.connect(new GainNode(context, { gain: 0.3 })).connect(out);
  tone.start();
  connection.addTrack(out.stream.getAudioTracks()[0], out.stream);
  const analyser = new AnalyserNode(context, { fftSize: 4096 });
  connection.ontrack = ({ streams }) => {
    // Chromium decodes a remote stream only while an element plays it
    const element = new Audio();
    element.srcObject = streams[0];
    element.muted = true;
    void element.play();
    context.createMediaStreamSource(streams[0]).connect(analyser);
  };
  const gathered = () => new Promise((resolve) => {
    const look = () => connection.iceGatheringState === 'complete' && resolve(connection.localDescription.sdp);
    connection.onicegatheringstatechange = look;
    look();
  });
  window.offer = async () => { await connection.setLocalDescription(); return gathered(); };
  window.take = (type, sdp) => connection.setRemoteDescription({ type, sdp });
  window.answer = async (sdp) => { await window.take('offer', sdp); await connection.setLocalDescription(); return gathered(); };
  window.state = () => connection.connectionState;
  window.loudest = async () => {
    await context.resume();
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const at = bins.indexOf(Math.max(...bins));
    return Number.isFinite(bins[at]) && bins[at] > -60 ? (at * context.sampleRate) / analyser.fftSize : 0;
  };
`;

interface Peer {
  offer(): Promise<string>;
  take(type: 'answer', sdp: string): Promise<void>;
  answer(sdp: string): Promise<string>;
  state(): Promise<string>;
  loudest(): Promise<number>;
}

function peerOf(page: Page): Peer {
  const call = (name: string, ...args: string[]) =>
    page.evaluate(`window[${JSON.stringify(name)}](...${JSON.stringify(args)})`) as Promise<never>;
  return {
    offer: () => call('offer'),
    take: (type, sdp) => call('take', type, sdp),
    answer: (sdp) => call('answer', sdp),
    state: () => call('state'),
    loudest: () => call('loudest'),
  };
}

describe.skipIf(!program)(program ? 'Chromium' : 'Chromium (skipped: not installed)', () => {
  describe.for(PAIRS)('$name', ({ skip, start }) => {
    describe.skipIf(skip)('browser', () => {
      let pair: PairUnderTest;
      let browser: Browser;
      beforeAll(async () => {
        pair = await start();
        const args = [
          '--no-sandbox',
          '--autoplay-policy=no-user-gesture-required',
          '--allow-loopback-in-peer-connection',
        ];
        browser = await chromium.launch({ executablePath: program, args });
      });
      afterAll(async () => {
        await browser?.close();
        await pair.close();
      });

      async function openPeer(): Promise<Peer> {
        const page = await browser.newPage();
        await page.evaluate(SCRIPT);
        return peerOf(page);
      }

      async function expectTalk(endpoint: Endpoint, peer: Peer): Promise<void> {
        await expect.poll(() => peer.state(), { timeout: 15_000 }).toBe('connected');
        const file = join(pair.mediaDir, `browser-${endpoint.uuid}.wav`);
        await endpoint.set('RECORD_READ_ONLY', 'true');
        await endpoint.recordSession(file);
        const playing = endpoint.play(`tone_stream://%(20000,0,${OUR_HZ})`);
        await expect.poll(() => peer.loudest(), { timeout: 10_000 }).toBeGreaterThan(OUR_HZ - 30);
        expect(await peer.loudest()).toBeLessThan(OUR_HZ + 30);
        await new Promise((resolve) => setTimeout(resolve, 800));
        await endpoint.api('uuid_break', endpoint.uuid);
        await playing;
        await endpoint.api('uuid_record', [endpoint.uuid, 'stop', file]);
        expect(toneShare(decodeWav(await readFile(file)).samples.subarray(-4000), BROWSER_HZ)).toBeGreaterThan(0.8);
      }

      it('B5 calls: its offer is answered with ICE, DTLS-SRTP and Opus; each hears the other', async () => {
        const peer = await openPeer();
        const endpoint = await pair.ms.createEndpoint();
        const answer = await endpoint.modify(await peer.offer());
        expect(answer).toMatch(/UDP\/TLS\/RTP\/SAVPF[\s\S]*opus\/48000\/2/);
        await peer.take('answer', answer);
        await expectTalk(endpoint, peer);
        await endpoint.destroy();
      });

      it('B5 is called: it answers our offer; each hears the other', async () => {
        const peer = await openPeer();
        const endpoint = await pair.ms.createEndpoint({ headers: { 'X-WebRTC-Media': 'true' } });
        const [head = '', ...streams] = endpoint.local.sdp.split(/(?=^m=)/m);
        const shown = streams.find((stream) => stream.includes('UDP/TLS'))!;
        await endpoint.modify(await peer.answer(head + shown));
        await expectTalk(endpoint, peer);
        await endpoint.destroy();
      });
    });
  });
});
