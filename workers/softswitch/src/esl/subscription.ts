/** Which events a connection wants: `event`, `nixevent`, `filter` (wire-protocols §B3.2, §B3.3). */
import type { MediaEvent } from '../media/media-event.ts';
import type { EventFormat } from './event-format.ts';

/** Names the media server knows; others are ignored, as on the real server. */
const KNOWN: ReadonlySet<string> = new Set([
  'ALL',
  'BACKGROUND_JOB',
  'CHANNEL_ANSWER',
  'CHANNEL_BRIDGE',
  'CHANNEL_CALLSTATE',
  'CHANNEL_CREATE',
  'CHANNEL_DESTROY',
  'CHANNEL_EXECUTE',
  'CHANNEL_EXECUTE_COMPLETE',
  'CHANNEL_HANGUP',
  'CHANNEL_HANGUP_COMPLETE',
  'CHANNEL_HOLD',
  'CHANNEL_PARK',
  'CHANNEL_PROGRESS',
  'CHANNEL_PROGRESS_MEDIA',
  'CHANNEL_STATE',
  'CHANNEL_UNBRIDGE',
  'CHANNEL_UNHOLD',
  'CUSTOM',
  'DETECTED_TONE',
  'DTMF',
  'HEARTBEAT',
  'MEDIA_BUG_START',
  'MEDIA_BUG_STOP',
  'PLAYBACK_START',
  'PLAYBACK_STOP',
  'RECORD_START',
  'RECORD_STOP',
  'SHUTDOWN',
]);
const MAX_NAMES = 500;

export class Subscription {
  format: EventFormat = 'plain';
  private readonly names = new Set<string>();
  private readonly subclasses = new Set<string>();
  private filters: { header: string; value: string }[] = [];

  /** `event <format> <names>`; what follows CUSTOM are subclass names. False when no name is known. */
  add(names: readonly string[]): boolean {
    return this.each(names, (set, name) => {
      if (set.size < MAX_NAMES) set.add(name);
    });
  }

  /** `nixevent <names>`. */
  remove(names: readonly string[]): boolean {
    return this.each(names, (set, name) => set.delete(name));
  }

  /** `noevents`. */
  clear(): void {
    this.names.clear();
    this.subclasses.clear();
  }

  addFilter(header: string, value: string): boolean {
    if (this.filters.length >= MAX_NAMES) return false;
    this.filters.push({ header, value });
    return true;
  }

  /** Without a value all filters of the header go; header `all` = every filter. */
  removeFilter(header: string, value: string | undefined): void {
    this.filters = this.filters.filter(
      (each) => header !== 'all' && (each.header !== header || (value !== undefined && each.value !== value)),
    );
  }

  wants(event: MediaEvent): boolean {
    const { name, subclass } = event;
    const named = this.names.has('ALL') || (subclass ? this.subclasses.has(subclass) : this.names.has(name));
    if (!named) return false;
    return this.filters.length === 0 || this.filters.some(({ header, value }) => event.headers[header] === value);
  }

  private each(names: readonly string[], apply: (set: Set<string>, name: string) => void): boolean {
    let custom = false;
    let any = false;
    for (const given of names) {
      const name = given.toUpperCase().replace(/^SWITCH_EVENT_/, '');
      if (custom) {
        apply(this.subclasses, given);
        any = true;
      } else if (name === 'CUSTOM') {
        custom = true;
        any = true;
      } else if (KNOWN.has(name)) {
        apply(this.names, name);
        any = true;
      }
    }
    return any;
  }
}
