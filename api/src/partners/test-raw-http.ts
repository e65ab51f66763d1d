/** A client of tests that sends any bytes, and reads HTTP answers one after the other. */
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** A connection that is opened again when the server has closed it. */
export class RawClient {
  private readonly port: number;
  private socket: Socket | null = null;
  private received = Buffer.alloc(0);
  private waiting: { readonly bodiless: boolean; done(answer: RawAnswer | null): void } | null = null;

  constructor(port: number) {
    this.port = port;
  }

  /** The answer; null when the connection was closed without one. One at a time. */
  ask(bytes: string | Buffer): Promise<RawAnswer | null> {
    const raw = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    return new Promise((done) => {
      this.waiting = { bodiless: raw.subarray(0, 4).toString() === 'HEAD', done };
      this.received = Buffer.alloc(0);
      this.opened().write(raw);
    });
  }

  close(): void {
    this.socket?.destroy();
  }

  private opened(): Socket {
    if (this.socket?.writable) return this.socket;
    const socket = connect(this.port, '127.0.0.1');
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.read();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.settle(null);
    });
    return socket;
  }

  private read(): void {
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.received.toString('latin1', 0, end);
    const length = this.waiting?.bodiless ? 0 : Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (this.received.length < end + 4 + length) return;
    const body = this.received.toString('utf8', end + 4, end + 4 + length);
    if (/^connection: *close/im.test(head)) {
      this.socket?.destroy();
      this.socket = null;
    }
    this.settle({ status: Number(head.split(' ')[1]), head, body });
  }

  private settle(answer: RawAnswer | null): void {
    const { waiting } = this;
    this.waiting = null;
    waiting?.done(answer);
  }
}
