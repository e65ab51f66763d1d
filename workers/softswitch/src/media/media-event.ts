/** Events of the media server, as the event socket carries them: a name and headers, all strings (wire-protocols §B1). */

export interface MediaEvent {
  /** FreeSWITCH's event name, e.g. `DTMF`, `CHANNEL_EXECUTE_COMPLETE`, `CUSTOM`. */
  readonly name: string;
  /** Set for CUSTOM events only. */
  readonly subclass?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Receives every event; decides itself whether it wants it. */
export type EventListener = (event: MediaEvent) => void;

/** Who this media server is, part of every event. */
export interface MediaIdentity {
  readonly coreUuid: string;
  readonly hostname: string;
  readonly address: string;
}

/** Spreads events over the event-socket connections. */
export class EventBus {
  private readonly listeners = new Set<EventListener>();
  private readonly identity: MediaIdentity;
  private sequence = 0;

  constructor(identity: MediaIdentity) {
    this.identity = identity;
  }

  subscribe(listener: EventListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  publish(name: string, headers: Readonly<Record<string, string>>, subclass?: string, body?: string): void {
    const event: MediaEvent = {
      name,
      subclass,
      body,
      // modesl reads Event-Subclass wherever it stands, but it comes first on the real server's wire.
      headers: {
        ...(subclass ? { 'Event-Subclass': subclass } : {}),
        'Event-Name': name,
        ...this.common(),
        ...headers,
      },
    };
    for (const listener of this.listeners) listener(event);
  }

  /** Headers every event has. */
  common(): Record<string, string> {
    const now = new Date();
    return {
      'Core-UUID': this.identity.coreUuid,
      'FreeSWITCH-Hostname': this.identity.hostname,
      'FreeSWITCH-Switchname': this.identity.hostname,
      'FreeSWITCH-IPv4': this.identity.address,
      'FreeSWITCH-IPv6': '::1',
      'Event-Date-GMT': now.toUTCString(),
      'Event-Date-Timestamp': String(now.getTime() * 1000),
      'Event-Sequence': String(++this.sequence),
    };
  }
}
