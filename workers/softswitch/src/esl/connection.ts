/** One event-socket connection, inbound (an application came to us) or outbound (we went to it for a channel). */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { v4 as uuidv4 } from 'uuid';
import type { Channel } from '../media/channel.ts';
import { channelHeaders, variableHeaders } from '../media/channel-headers.ts';
import type { MediaCore } from '../media/media-core.ts';
import { runApi } from './api.ts';
import { BlockReader, type CommandBlock } from './block-reader.ts';
import { apiResponse, commandReply, encodeHeaders, eventFrame } from './event-format.ts';
import { Subscription } from './subscription.ts';

/** What a connection is for. An outbound one is bound to its channel and needs no password. */
export type ConnectionRole =
  | { readonly kind: 'inbound'; readonly secret: string }
  | { readonly kind: 'outbound'; readonly channel: Channel };

/** Bytes a slow reader may leave unread before it is cut off. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
/** Time to authenticate. */
const AUTH_TIMEOUT_MS = 10_000;

export class EslConnection {
  private readonly socket: Socket;
  private readonly core: MediaCore;
  private readonly role: ConnectionRole;
  private readonly reader = new BlockReader();
  private readonly subscription = new Subscription();
  private readonly unsubscribe: () => void;
  private readonly authTimer: NodeJS.Timeout | undefined;
  private authenticated: boolean;
  private queue: Promise<void> = Promise.resolve();
  private ending = false;

  constructor(socket: Socket, core: MediaCore, role: ConnectionRole) {
    this.socket = socket;
    this.core = core;
    this.role = role;
    this.authenticated = role.kind === 'outbound';
    socket.setNoDelay(true);
    socket.on('data', (data) => this.receive(data));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.ending = true;
      clearTimeout(this.authTimer);
      this.unsubscribe();
    });
    this.unsubscribe = core.bus.subscribe((event) => {
      if (this.authenticated && this.subscription.wants(event)) this.write(eventFrame(event, this.subscription.format));
    });
    if (role.kind === 'inbound') {
      this.write('Content-Type: auth/request\n\n');
      this.authTimer = setTimeout(() => socket.destroy(), AUTH_TIMEOUT_MS);
    }
  }

  /** Says goodbye and closes; with a channel's uuid when it was that channel's end. */
  disconnect(channelUuid: string | null): void {
    if (this.ending) return;
    const text = 'Disconnected.\n';
    const controlled = channelUuid ? `Controlled-Session-UUID: ${channelUuid}\n` : '';
    this.write(
      `Content-Type: text/disconnect-notice\n${controlled}Content-Disposition: disconnect\nContent-Length: ${Buffer.byteLength(text)}\n\n${text}`,
    );
    this.ending = true;
    this.unsubscribe();
    this.socket.end();
  }

  private write(text: string): void {
    if (this.ending || this.socket.destroyed) return;
    this.socket.write(text);
    if (this.socket.writableLength > MAX_UNREAD_BYTES) this.socket.destroy();
  }

  private receive(data: Buffer): void {
    const blocks = this.reader.push(data);
    if (!blocks) {
      this.socket.destroy();
      return;
    }
    for (const block of blocks) this.handle(block);
  }

  /** Commands are answered in order; `api` may take its time, so later commands wait for it. */
  private handle(block: CommandBlock): void {
    if (this.ending) return;
    const at = block.command.indexOf(' ');
    const name = (at < 0 ? block.command : block.command.slice(0, at)).toLowerCase();
    const arg = at < 0 ? '' : block.command.slice(at + 1).trim();
    if (!this.authenticated) this.authenticate(name, arg);
    else if (name === 'api') this.api(arg);
    else if (this.apiRunning === 0) this.run(name, arg, block);
    else this.queue = this.queue.then(() => this.run(name, arg, block));
  }

  private apiRunning = 0;

  private api(arg: string): void {
    this.apiRunning++;
    this.queue = this.queue
      .then(() => runApi(this.core, arg, this.boundChannel))
      .then((body) => this.write(apiResponse(body)))
      .finally(() => this.apiRunning--);
  }

  private authenticate(name: string, arg: string): void {
    if (name === 'exit') {
      this.leave();
      return;
    }
    if (name !== 'auth' || this.role.kind !== 'inbound') {
      this.write(commandReply('-ERR command not found'));
      return;
    }
    if (sameSecret(arg, this.role.secret)) {
      this.authenticated = true;
      clearTimeout(this.authTimer);
      this.write(commandReply('+OK accepted'));
      return;
    }
    this.write(commandReply('-ERR invalid'));
    this.disconnect(null);
  }

  private get boundChannel(): Channel | null {
    return this.role.kind === 'outbound' ? this.role.channel : null;
  }

  private run(name: string, arg: string, block: CommandBlock): void {
    const command = COMMANDS[name];
    if (!command || this.ending) this.write(commandReply('-ERR command not found'));
    else command.call(this, arg, block);
  }

  /** `connect`: everything about the channel in one header block (§B3.1). */
  private connect(): void {
    const channel = this.boundChannel;
    if (!channel) {
      this.write(commandReply('-ERR command not found'));
      return;
    }
    const headers = {
      'Event-Name': 'CHANNEL_DATA',
      ...this.core.bus.common(),
      ...channelHeaders(channel),
      'Channel-Unique-ID': channel.uuid,
      ...variableHeaders(channel),
    };
    this.write(
      `${encodeHeaders(headers)}Content-Type: command/reply\nReply-Text: %2BOK%0A\nSocket-Mode: async\nControl: full\n\n`,
    );
  }

  private event(arg: string): void {
    const [format = '', ...names] = arg.split(/\s+/);
    const known = format === 'json' || format === 'plain' || format === 'xml';
    if (!this.subscription.add(known ? names : [format, ...names])) {
      this.write(commandReply('-ERR no keywords supplied'));
      return;
    }
    this.subscription.format = format === 'json' ? 'json' : 'plain';
    this.write(commandReply(`+OK event listener enabled ${this.subscription.format}`));
  }

  private filter(arg: string): void {
    const [first = '', second, ...rest] = arg.split(/\s+/);
    if (first.toLowerCase() === 'delete' && second) {
      const value = rest.length > 0 ? rest.join(' ') : undefined;
      this.subscription.removeFilter(second, value);
      this.write(commandReply(`+OK filter deleted. [${second}]=[${value ?? ''}]`));
      return;
    }
    const value = [second ?? '', ...rest].join(' ');
    const added = first !== '' && second !== undefined && this.subscription.addFilter(first, value);
    this.write(commandReply(added ? `+OK filter added. [${first}]=[${value}]` : '-ERR invalid syntax'));
  }

  private sendmsg(arg: string, block: CommandBlock): void {
    const channel = arg === '' ? this.boundChannel : (this.core.channels.get(arg) ?? null);
    if (!channel) {
      this.write(commandReply(`-ERR invalid session id [${arg}]`));
      return;
    }
    const { headers } = block;
    const verb = (headers.get('call-command') ?? '').toLowerCase();
    this.write(commandReply('+OK'));
    if (verb === 'hangup') channel.hangup(headers.get('hangup-cause') ?? 'NORMAL_CLEARING', false);
    else if (verb === 'execute') this.execute(channel, block);
  }

  private execute(channel: Channel, block: CommandBlock): void {
    const { headers } = block;
    const app = headers.get('execute-app-name') ?? '';
    const arg = headers.get('execute-app-arg') ?? block.body;
    const loops = Math.max(1, Math.min(100, Number(headers.get('loops')) || 1));
    const lock = headers.get('event-lock') === 'true';
    for (let i = 0; i < loops; i++) channel.execute(app, arg, headers.get('event-uuid'), lock);
  }

  private bgapi(arg: string, block: CommandBlock): void {
    const job = block.headers.get('job-uuid') || uuidv4();
    const [command = '', ...rest] = arg.split(' ');
    this.write(commandReply(`+OK Job-UUID: ${job}`, `Job-UUID: ${job}\n`));
    void runApi(this.core, arg, this.boundChannel).then((body) => {
      const headers = { 'Job-UUID': job, 'Job-Command': command, 'Job-Command-Arg': rest.join(' ') };
      this.core.bus.publish('BACKGROUND_JOB', headers, undefined, body);
    });
  }

  private myevents(arg: string): void {
    const uuid = arg.split(/\s+/).find((part) => part.includes('-')) ?? this.boundChannel?.uuid;
    if (!uuid) {
      this.write(commandReply('-ERR invalid uuid'));
      return;
    }
    if (/\bjson\b/.test(arg)) this.subscription.format = 'json';
    this.subscription.add(['ALL']);
    this.subscription.addFilter('Unique-ID', uuid);
    this.write(commandReply('+OK Events Enabled'));
  }

  private leave(): void {
    this.write(commandReply('+OK bye'));
    this.disconnect(null);
  }

  /** Commands after authentication; own properties only. */
  static readonly commands: Readonly<Record<string, (this: EslConnection, arg: string, block: CommandBlock) => void>> =
    Object.assign(Object.create(null) as Record<string, never>, {
      auth(this: EslConnection) {
        this.write(commandReply('+OK accepted'));
      },
      bgapi: EslConnection.prototype.bgapi,
      connect: EslConnection.prototype.connect,
      event: EslConnection.prototype.event,
      exit: EslConnection.prototype.leave,
      filter: EslConnection.prototype.filter,
      linger(this: EslConnection) {
        this.write(commandReply('+OK will linger'));
      },
      log(this: EslConnection) {
        this.write(commandReply('+OK log level set'));
      },
      myevents: EslConnection.prototype.myevents,
      nixevent(this: EslConnection, arg: string) {
        const removed = this.subscription.remove(arg.split(/\s+/));
        this.write(commandReply(removed ? '+OK events nixed' : '-ERR no keywords supplied'));
      },
      noevents(this: EslConnection) {
        this.subscription.clear();
        this.write(commandReply('+OK no longer listening for events'));
      },
      nolinger(this: EslConnection) {
        this.write(commandReply('+OK will not linger'));
      },
      nolog(this: EslConnection) {
        this.write(commandReply('+OK no longer logging'));
      },
      sendmsg: EslConnection.prototype.sendmsg,
    });
}

const COMMANDS = EslConnection.commands;

/** Compares digests, so that neither content nor length shows in the time it takes. */
function sameSecret(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
