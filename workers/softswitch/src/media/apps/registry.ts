/** The dialplan applications the media server has, by name (wire-protocols §B4). */
import { causeOf } from '../cause.ts';
import type { Channel } from '../channel.ts';
import { conferenceApp } from './conference-app.ts';
import { eavesdrop } from './eavesdrop.ts';
import { echo } from './echo.ts';
import { playAndGetDigits } from './play-and-get-digits.ts';
import { playback } from './playback.ts';
import { record } from './record.ts';
import { maskRecordSession, recordSession, stopRecordSession, unmaskRecordSession } from './record-session.ts';
import { sendDtmf } from './send-dtmf.ts';
import { exportVariable, multiset, set, setMute, unset } from './variables.ts';

/** Handle of an application that goes on after its start. */
export interface RunningApp {
  /** A key of the far end. */
  onKey?(key: string, duration: number): void;
  /** `uuid_break`: end as soon as possible and call `done`. */
  break?(): void;
  /** Another application starts inside this one. */
  suspend?(): void;
  /** That application has ended. */
  resume?(): void;
  /** The channel ends: give back everything and call `done` with the response so far. */
  hangup?(): void;
}

/**
 * An application: starts on a channel with its argument text and calls `done` once, at once or later, with its
 * Application-Response (none = `_none_`). It answers a handle unless it was done at once.
 */
export type App = (channel: Channel, arg: string, done: (response?: string) => void) => RunningApp;

/** For applications that finish in their start. */
function immediate(run: (channel: Channel, arg: string) => void): App {
  return (channel, arg, done) => {
    run(channel, arg);
    done();
    return {};
  };
}

/** Waits for `ms` milliseconds (`sleep`), or for ever (`park`). */
function waiting(ms: number | null, done: () => void): RunningApp {
  const timer = ms === null ? null : setTimeout(done, ms);
  const end = () => {
    if (timer) clearTimeout(timer);
    done();
  };
  return { break: end, hangup: end };
}

/** Own properties only, so that no name of Object's prototype is taken for an application. */
export const APPS: Readonly<Record<string, App>> = Object.assign(Object.create(null) as Record<string, App>, {
  answer: immediate(() => undefined),
  conference: conferenceApp,
  eavesdrop,
  echo,
  export: immediate(exportVariable),
  hangup: immediate((channel, arg) => channel.hangup(hangupCause(arg), false)),
  multiset: immediate(multiset),
  park: (_channel, _arg, done) => waiting(null, done),
  play_and_get_digits: playAndGetDigits,
  playback,
  record,
  record_session: immediate(recordSession),
  record_session_mask: immediate(maskRecordSession),
  record_session_unmask: immediate(unmaskRecordSession),
  send_dtmf: immediate(sendDtmf),
  set: immediate(set),
  set_mute: immediate(setMute),
  sleep: (_channel, arg, done) => waiting(Math.min(Math.max(Number(arg) || 0, 0), 3_600_000), done),
  stop_record_session: immediate(stopRecordSession),
  unset: immediate(unset),
} satisfies Record<string, App>);

function hangupCause(arg: string): string {
  return arg === '' ? 'NORMAL_CLEARING' : causeOf(arg);
}
