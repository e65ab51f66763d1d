/** Puts a test phone or carrier, which speaks UDP, behind TCP: each message goes on as it is, framed by Content-Length (RFC 3261 §18.3). */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class TcpFront {
  private readonly udp: UdpSocket = createSocket('udp4');
  private readonly server: Server;
  private readonly sipPort: number;
  private readonly connections = new Set<Socket>();
  /** Of the one behind us. */
  behind = 0;
  /** Where we listen for TCP. */
  port = 0;
  /** Where the one behind us sends. */
  udpPort = 0;
  /** Connections that others have opened to us. */
  accepted = 0;

  constructor(sipPort: number) {
    this.sipPort = sipPort;
    this.server = createServer((socket) => {
      this.accepted++;
      this.serve(socket);
    });
  }

  async open(): Promise<this> {
    this.udp.on('message', (data) => this.toTcp(data));
    await new Promise<void>((resolve) => this.udp.bind(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.udpPort = this.udp.address().port;
    this.port = (this.server.address() as { port: number }).port;
    return this;
  }

  close(): void {
    for (const socket of this.connections) socket.destroy();
    this.server.close();
    this.udp.close();
  }

  private toTcp(data: Buffer): void {
    const [socket] = this.connections;
    if (socket) socket.write(data);
    else this.serve(connect(this.sipPort, '127.0.0.1')).write(data);
  }

  private serve(socket: Socket): Socket {
    let waiting = '';
    this.connections.add(socket);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      waiting += text;
      for (let message = first(waiting); message !== null; message = first(waiting)) {
        waiting = waiting.slice(message.length);
        this.udp.send(Buffer.from(message, 'latin1'), this.behind, '127.0.0.1');
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => this.connections.delete(socket));
    return socket;
  }
}

/** The first whole message of the text; null while it is not there. */
function first(text: string): string | null {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const length = Number(/^(?:Content-Length|l)\s*:\s*(\d+)/im.exec(text.slice(0, end))?.[1] ?? 0);
  const whole = end + 4 + length;
  return text.length < whole ? null : text.slice(0, whole);
}
