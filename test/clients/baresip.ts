/** baresip as a registered phone: steered over its TCP control module, saying a WAV file, keeping what it hears. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { encodeWav } from '@callwright/speech';
import { sine } from '../phone/audio.ts';

/** It says its tone for as long as a test may last. */
const TONE_MS = 120_000;

export interface BaresipOptions {
  readonly dir: string;
  readonly sipPort: number;
  readonly username: string;
  readonly password: string;
  readonly controlPort: number;
  readonly transport?: 'udp' | 'tcp' | 'tls';
  /** How it protects its sound; refused is what does not. */
  readonly mediaEncryption?: 'srtp-mand' | 'dtls_srtp';
  /** ICE, as a browser has it. */
  readonly ice?: boolean;
  /** Its codecs in order; G.711 when not given. */
  readonly codecs?: readonly ('PCMU' | 'PCMA' | 'G722' | 'opus')[];
  readonly answer: 'auto' | 'manual';
  /** `info` sends keys by SIP INFO, else RFC 4733. */
  readonly keys?: 'rfc4733' | 'info';
  /** Frequency of the tone that it says all the time. */
  readonly toneHz: number;
}

/** An event line of the control connection, e.g. `{ type: 'CALL_ESTABLISHED' }`. */
export interface BaresipEvent {
  readonly type: string;
  readonly param?: string;
  readonly peeruri?: string;
}

export class Baresip {
  readonly events: BaresipEvent[] = [];
  private readonly dir: string;
  private readonly child: ChildProcess;
  private socket: Socket | undefined;
  private buffer = Buffer.alloc(0);
  private lastAnswer = '';

  private constructor(dir: string, child: ChildProcess) {
    this.dir = dir;
    this.child = child;
  }

  /** Starts it and resolves once it is registered. */
  static async start(options: BaresipOptions): Promise<Baresip> {
    await mkdir(options.dir, { recursive: true });
    await writeFile(join(options.dir, 'config'), config(options));
    await writeFile(join(options.dir, 'accounts'), account(options));
    await writeFile(join(options.dir, 'contacts'), '');
    const tone = { samples: sine(options.toneHz, TONE_MS), sampleRateHz: 8000 };
    await writeFile(join(options.dir, 'tone.wav'), encodeWav(tone));
    const child = spawn('baresip', ['-f', options.dir, '-4'], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdout!.resume();
    child.stderr!.resume();
    const phone = new Baresip(options.dir, child);
    await phone.connectControl(options.controlPort);
    await phone.registered(10_000);
    return phone;
  }

  private async connectControl(port: number): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        this.socket = await new Promise<Socket>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1', () => resolve(socket));
          socket.once('error', reject);
        });
        break;
      } catch (error) {
        if (tries > 150) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    this.socket.on('error', () => {});
    this.socket.on('data', (data) => this.receive(data));
  }

  /** It may have registered before the control connection stood, so its own list is asked, not its events. */
  private async registered(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!/OK\b/.test(this.lastAnswer)) {
      if (Date.now() > deadline) throw new Error(`baresip: not registered within ${timeoutMs} ms: ${this.lastAnswer}`);
      this.command('reginfo');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Control messages are netstrings: `<length>:<json>,`. */
  private receive(data: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, data]);
    for (;;) {
      const colon = this.buffer.indexOf(':');
      if (colon < 0) return;
      const length = Number(this.buffer.subarray(0, colon).toString());
      if (this.buffer.length < colon + 1 + length + 1) return;
      const message = JSON.parse(this.buffer.subarray(colon + 1, colon + 1 + length).toString()) as BaresipEvent & {
        event?: boolean;
        data?: string;
      };
      this.buffer = this.buffer.subarray(colon + 1 + length + 1);
      if (message.event) this.events.push(message);
      else this.lastAnswer = message.data ?? '';
    }
  }

  private command(command: string, params = ''): void {
    const text = JSON.stringify({ command, params });
    this.socket!.write(`${Buffer.byteLength(text)}:${text},`);
  }

  dial(uri: string): void {
    this.command('dial', uri);
  }

  accept(): void {
    this.command('accept');
  }

  hangUp(): void {
    this.command('hangup');
  }

  /** Presses one key. */
  press(key: string): void {
    this.command('sndcode', key);
  }

  async waitFor(test: (event: BaresipEvent) => boolean, timeoutMs: number, what: string): Promise<BaresipEvent> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = this.events.find(test);
      if (found) return found;
      if (Date.now() > deadline)
        throw new Error(
          `baresip: no ${what} within ${timeoutMs} ms; events: ${this.events.map((e) => e.type).join(' ')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** WAV files of what it heard (decoded side), one per call. */
  async recordings(): Promise<string[]> {
    return (await readdir(this.dir))
      .filter((name) => /dec\.wav$/.test(name))
      .toSorted()
      .map((name) => join(this.dir, name));
  }

  async stop(): Promise<void> {
    this.command('quit');
    this.socket?.end();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.child.kill('SIGKILL'), 3000);
      this.child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

const CODEC_SETTINGS = { PCMU: 'PCMU/8000/1', PCMA: 'PCMA/8000/1', G722: 'G722/16000/1', opus: 'opus/48000/2' };

function account(options: BaresipOptions): string {
  const { username, password, sipPort, transport = 'udp', answer, keys, mediaEncryption, ice, codecs } = options;
  const parameters = [`auth_user=${username}`, `auth_pass=${password}`, `answermode=${answer}`, 'regint=60'];
  if (keys === 'info') parameters.push('dtmfmode=info');
  if (mediaEncryption) parameters.push(`mediaenc=${mediaEncryption}`);
  if (ice) parameters.push('medianat=ice');
  if (codecs) parameters.push(`audio_codecs=${codecs.map((name) => CODEC_SETTINGS[name]).join(',')}`);
  return `<sip:${username}@127.0.0.1:${sipPort};transport=${transport}>;${parameters.join(';')}\n`;
}

function config({ dir, controlPort, ice }: BaresipOptions): string {
  return `
net_interface 127.0.0.1
sip_listen 127.0.0.1:0
sip_verify_server no
audio_player aufile,${join(dir, 'player.wav')}
audio_source aufile,${join(dir, 'tone.wav')}
audio_alert aufile,/dev/null
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports 30000-32000
rtcp_mux ${ice ? 'yes' : 'no'}
snd_path ${dir}
ctrl_tcp_listen 127.0.0.1:${controlPort}
module_path /usr/lib/baresip/modules
module g711.so
module g722.so
module opus.so
module srtp.so
module dtls_srtp.so
module ice.so
module aufile.so
module sndfile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
`;
}
