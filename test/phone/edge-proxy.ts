/** An edge proxy between a phone and the SIP server: stays in the path of registrations (RFC 3327) and calls (RFC 3261 §16). UDP, loopback. */
import { randomUUID } from 'node:crypto';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { parseMessage, type SipMessage, statusOf } from './message.ts';

export class EdgeProxy {
  private readonly socket = createSocket('udp4');
  private readonly serverPort: number;
  port = 0;
  /** Requests of the server, as they came. */
  readonly fromServer: SipMessage[] = [];

  constructor(serverPort: number) {
    this.serverPort = serverPort;
  }

  async open(): Promise<this> {
    this.socket.on('message', (data, from) => this.forward(data.toString('utf8'), from));
    await new Promise<void>((resolve) => this.socket.bind(0, '127.0.0.1', resolve));
    this.port = this.socket.address().port;
    return this;
  }

  close(): void {
    this.socket.close();
  }

  /** Our place in a Path or Route; the user part is what only we understand. */
  get place(): string {
    return `<sip:edge-token@127.0.0.1:${this.port};lr>`;
  }

  private forward(text: string, from: RemoteInfo): void {
    const message = parseMessage(text);
    if (statusOf(message) > 0) {
      const rest = text.replace(/^Via: [^\r]*\r\n/im, '');
      const via = /^Via: SIP\/2\.0\/UDP ([^:;\s]+):(\d+)/im.exec(rest);
      if (via) this.send(rest, Number(via[2]));
      return;
    }
    if (from.port === this.serverPort) {
      this.fromServer.push(message);
      this.toPhone(text);
    } else {
      this.toServer(text);
    }
  }

  private toPhone(text: string): void {
    // who does not come by our path is nobody we know
    if (!text.includes(`Route: ${this.place}`)) return;
    const uri = text.split('\r\n')[0]!.split(' ')[1]!;
    this.send(this.passed(text), Number(/:(\d+)(?:[;>]|$)/.exec(uri)?.[1]));
  }

  private toServer(text: string): void {
    const path = text.startsWith('REGISTER') ? `Path: ${this.place}\r\n` : '';
    this.send(this.passed(text).replace('\r\n', `\r\n${path}`), this.serverPort);
  }

  private passed(text: string): string {
    const own = text.replace(`Route: ${this.place}\r\n`, '');
    const via = `Via: SIP/2.0/UDP 127.0.0.1:${this.port};branch=z9hG4bK${branchOf(own)}\r\n`;
    const stays = /^(INVITE|SUBSCRIBE)/.test(text) ? `Record-Route: ${this.place}\r\n` : '';
    return own.replace('\r\n', `\r\n${via}${stays}`);
  }

  private send(text: string, port: number): void {
    this.socket.send(text, port, '127.0.0.1');
  }
}

/** Of the transaction, so that a CANCEL or a repetition is known as what it belongs to. */
const branchOf = (text: string): string => /^Via:.*branch=z9hG4bK([^;\s,]+)/im.exec(text)?.[1] ?? randomUUID();
