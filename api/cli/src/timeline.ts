/** A call's records as lines for people. Unknown types are shown by name and fields, so that a newer server loses nothing. */
import type { CallRecord } from './commands/call-commands.ts';

type Body = Readonly<Record<string, unknown>>;

const who = (value: unknown): string => {
  const { type, number, name } = (value ?? {}) as { type?: string; number?: string; name?: string };
  return name ? `${name} (${number ?? ''})` : number || (type ?? 'somebody');
};
const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

const seconds = (ms: unknown): string => `${Math.round(Number(ms ?? 0) / 1000)} s`;

const FACTS: Readonly<Record<string, (b: Body) => string>> = {
  'call.started': (b) => `call from ${who(b.calling)} to ${who(b.called)}, revision ${text(b.revision).slice(0, 12)}`,
  'call.routed': (b) => {
    const { name } = (b.rule ?? {}) as Body;
    const to = ((b.destination ?? {}) as Body).type;
    return `routed ${to ? `to ${text(to)}` : 'nowhere'}${name ? ` by rule "${text(name)}"` : ''} (${text(b.reason)})`;
  },
  'call.refused': (b) => `${text(b.number)} is refused by ${text(b.by)}: ${text(b.code)} (${text(b.check)})`,
  'leg.limited': (b) =>
    `party ${text(b.party)} is let go: ${b.by === 'spend-cap' ? 'the spend cap is reached' : 'the longest time is over'}`,
  'emergency.called': (b) =>
    `emergency number ${text(b.number)} is called from ${text(((b.site ?? {}) as Body).name ?? 'an unknown site')}`,
  'party.added': (b) => `party ${text(b.party)} joins as ${text(b.role)}: ${who(b.coordinates)}`,
  'party.ringing': (b) => `${who(b.coordinates)} rings${b.early ? ' (early media)' : ''}`,
  'party.answered': (b) => `${who(b.coordinates)} answers`,
  'party.held': (b) => `${who(b.coordinates)} is put on hold`,
  'party.resumed': (b) => `${who(b.coordinates)} is taken off hold`,
  'party.left': (b) =>
    `${who(b.coordinates)} leaves: ${text(b.cause)}${b.sipStatus ? ` (${text(b.sipStatus)})` : ''}, by ${text(b.by)}`,
  'parties.connected': (b) => `parties ${text(b.a)} and ${text(b.b)} talk`,
  'parties.parted': (b) => `parties ${text(b.a)} and ${text(b.b)} are parted`,
  'party.transferred': (b) => `party ${text(b.party)} is transferred to ${who(b.to)}`,
  'party.forwarded': (b) => `forwarded from ${who(b.from)} to ${who(b.to)} (${text(b.reason)})`,
  'user.refused': (b) => `${who(b.coordinates)} is not rung: ${text(b.why)}`,
  'party.picked-up': (b) => `${who(b.by)} answers for ${who(b.rung)}`,
  'call.parked': (b) => `party ${text(b.party)} is parked at ${text(b.number)}`,
  'call.unparked': (b) => `parking at ${text(b.number)} ends: ${text(b.why)}`,
  'conference.joined': (b) => `party ${text(b.party)} enters the meeting room${b.moderator ? ' as moderator' : ''}`,
  'conference.muted': (b) => `party ${text(b.party)} is ${b.muted ? 'muted' : 'heard'} in the meeting room`,
  'conference.left': (b) => `party ${text(b.party)} leaves the meeting room`,
  'queue.entered': (b) =>
    `${who(b.coordinates)} ${b.again ? 'is back in' : 'enters'} the queue at place ${text(b.position)} of ${text(b.waiting)}`,
  'queue.offered': (b) => `offered to agent ${text(b.userId)} after ${seconds(b.waitedMs)}`,
  'queue.answered': (b) => `agent ${text(b.userId)} answers after ${seconds(b.waitedMs)}`,
  'queue.missed': (b) => `agent ${text(b.userId)} does not answer`,
  'queue.left': (b) => `leaves the queue after ${seconds(b.waitedMs)}: ${text(b.why)}`,
  'queue.callback': (b) => (b.step === 'requested' ? 'asks to be called back in turn' : 'the callback is given up'),
  'recording.started': (b) => `recording of party ${text(b.party)} begins`,
  'recording.paused': (b) => `recording of party ${text(b.party)} is paused`,
  'recording.resumed': (b) => `recording of party ${text(b.party)} goes on`,
  'recording.refused': (b) => `recording of party ${text(b.party)} is refused: ${text(b.code)}`,
  'recording.failed': (b) => `recording of party ${text(b.party)} is cut short: ${text(b.code)}`,
  'recording.stopped': (b) => `recording of party ${text(b.party)} ends`,
  'supervision.started': (b) => `party ${text(b.party)} supervises party ${text(b.of)} (${text(b.mode)})`,
  'supervision.changed': (b) => `supervision by party ${text(b.party)} changes to ${text(b.mode)}`,
  'supervision.ended': (b) => `supervision by party ${text(b.party)} ends: ${text(b.code)}`,
  'leg.moved': (b) => `leg ${text(b.leg)} moves ${text(b.direction)}, other call ${text(b.callId)}`,
  'flow.changed': (b) => (b.revision ? `goes on in flow ${text(b.revision).slice(0, 12)}` : 'is in no flow any more'),
  'node.entered': (b) => `enters ${text(b.node)} (${text(b.kind)})`,
  'node.left': (b) => `leaves ${text(b.node)} by "${text(b.outcome)}"${b.reason ? ` because ${text(b.reason)}` : ''}`,
  'input.collected': (b) => `${text(b.length)} keys at ${text(b.node)}, try ${text(b.tries)}`,
  log: (b) => `${text(b.level)}: ${text(b.text)}`,
  'group.ringing': (b) => `group ${who(b.coordinates)} is rung (${text(b.strategy)})`,
  'group.ended': (b) => `group ends: ${text(b.outcome)}`,
  'control.done': (b) => `command ${text(b.action)}: ${b.ok ? 'done' : `refused, ${text(b.code)}`}`,
  'call.ended': (b) => `call ends: ${text((b.cdr as Body | undefined)?.disposition)}`,
};

/** What a record tells, in words. */
export function describeRecord(record: CallRecord): string {
  const say = record.stream === 'fact' ? FACTS[record.type] : undefined;
  const rest = Object.entries(record.body ?? {}).filter(([key]) => key !== 'type');
  const line = say
    ? say(record.body)
    : `${record.type} ${rest.map(([key, value]) => `${key}=${text(value)}`).join(' ')}`;
  return line.trimEnd();
}

/** Seconds since the call began, then what happened. */
export function timeline(createdAt: string, records: readonly CallRecord[]): string[] {
  const begin = Date.parse(createdAt);
  return records.map((record) => {
    const seconds = ((Date.parse(record.at) - begin) / 1000).toFixed(3).padStart(9);
    const mark = record.stream === 'event' ? '· ' : '';
    return `${seconds}  ${mark}${describeRecord(record)}${record.masked ? ' [personal values hidden]' : ''}`;
  });
}
