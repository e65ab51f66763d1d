/** `api` commands (wire-protocols §B4): text in, text out; failures are answers that begin with `-ERR`. */
import { v4 as uuidv4 } from 'uuid';
import { maskSession, startSession, stopSession } from '../media/apps/record-session.ts';
import { bridgeChannels } from '../media/bridge.ts';
import { causeOf } from '../media/cause.ts';
import type { Channel } from '../media/channel.ts';
import { channelHeaders, describeStatistics, variableHeaders } from '../media/channel-headers.ts';
import type { MediaCore } from '../media/media-core.ts';
import { conferenceApi } from './conference-api.ts';
import { encodeHeaders } from './event-format.ts';

interface ApiCall {
  readonly core: MediaCore;
  /** Words of the argument. */
  readonly words: readonly string[];
  /** The argument as it came. */
  readonly text: string;
}

type ApiCommand = (call: ApiCall) => string | Promise<string>;

const NO_CHANNEL = '-ERR No such channel!\n';

/** Runs one command line. Unknown commands answer as the real server does. */
export async function runApi(core: MediaCore, line: string, _bound: Channel | null): Promise<string> {
  const at = line.search(/\s/);
  const name = (at < 0 ? line : line.slice(0, at)).toLowerCase();
  const text = at < 0 ? '' : line.slice(at + 1).trim();
  const command = COMMANDS[name];
  if (!command) return `-ERR ${name} command not found!\n`;
  return command({ core, text, words: text === '' ? [] : text.split(/\s+/) });
}

/** A command about the channel its first word names. */
function onChannel(run: (channel: Channel, call: ApiCall) => string | Promise<string>): ApiCommand {
  return (call) => {
    const channel = call.core.channels.get(call.words[0] ?? '');
    return channel ? run(channel, call) : NO_CHANNEL;
  };
}

const COMMANDS: Readonly<Record<string, ApiCommand>> = Object.assign(
  Object.create(null) as Record<string, ApiCommand>,
  {
    conference: ({ core, text, words }) => conferenceApi(core, words, text),
    create_uuid: () => uuidv4(),
    echo: ({ text }) => text,
    hostname: ({ core }) => core.identity.hostname,
    show: ({ core, words }) =>
      words[0] === 'channels' && words[1] === 'count'
        ? `\n${core.channels.size} total.\n`
        : '-USAGE: show channels count\n',
    sofia: ({ core, words }) => (words[0] === 'status' ? sofiaStatus(core) : '-USAGE: sofia status\n'),
    status: ({ core }) => statusText(core),
    uuid_break: onChannel((channel, { words }) => {
      channel.breakApp(words[1] === 'all');
      return '+OK\n';
    }),
    uuid_bridge: ({ core, words }) => bridge(core, words),
    uuid_broadcast: onChannel(broadcast),
    uuid_displace: onChannel(displace),
    uuid_dump: onChannel((channel) =>
      encodeHeaders({
        'Event-Name': 'CHANNEL_DATA',
        ...channel.core.bus.common(),
        ...channelHeaders(channel),
        ...variableHeaders(channel),
      }),
    ),
    uuid_exists: ({ core, words }) => String(core.channels.has(words[0] ?? '')),
    uuid_getvar: onChannel((channel, { words }) => channel.variables.get(words[1] ?? '') ?? '_undef_'),
    uuid_kill: onChannel((channel, { words }) => {
      channel.hangup(words[1] ? causeOf(words[1]) : 'NORMAL_CLEARING', false);
      return '+OK\n';
    }),
    uuid_record: onChannel(record),
    uuid_send_dtmf: onChannel((channel, { words }) => {
      channel.execute('send_dtmf', words[1] ?? '', undefined, false);
      return '+OK\n';
    }),
    uuid_set_media_stats: onChannel((channel) => {
      describeStatistics(channel);
      return '+OK Success\n';
    }),
    uuid_setvar: onChannel((channel, { words, text }) => {
      const name = words[1];
      if (!name) return '-USAGE: <uuid> <var> [value]\n';
      channel.setVariable(name, text.slice(text.indexOf(name, (words[0] as string).length) + name.length).trim());
      return '+OK\n';
    }),
    uuid_transfer: onChannel(transfer),
    version: () => 'Callwright softswitch media server\n',
  } satisfies Record<string, ApiCommand>,
);

/** The line fsmrf's pattern finds is the profile's (wire-protocols §B2.3). */
function sofiaStatus(core: MediaCore): string {
  const rule = '='.repeat(96);
  const row = (...cells: [string, string, string, string]) =>
    `${cells[0].padStart(25)}\t${cells[1].padStart(7)}\t${cells[2].padStart(48)}\t${cells[3]}\n`;
  const address = `sip:mod_sofia@${core.sipAddress}:${core.sipPort()}`;
  return (
    row('Name', 'Type', 'Data', 'State') +
    `${rule}\n` +
    row(core.profile, 'profile', address, `RUNNING (${core.channels.size})`) +
    `${rule}\n1 profile 0 aliases\n`
  );
}

function statusText(core: MediaCore): string {
  return `UP ${Math.floor(process.uptime())} seconds\n${core.channels.size} session(s) - max ${core.maxChannels}\n`;
}

function bridge(core: MediaCore, words: readonly string[]): string {
  const first = core.channels.get(words[0] ?? '');
  const second = core.channels.get(words[1] ?? '');
  if (words.length < 2) return '-USAGE: <uuid> <other_uuid>\n';
  if (!first || !second || first === second) return '-ERR Invalid uuid\n';
  bridgeChannels(first, second);
  return `+OK ${second.uuid}\n`;
}

/** `uuid_transfer <uuid> [-both|-bleg] park inline`: out of bridge and applications, back to the parked state. */
function transfer(channel: Channel, { words }: ApiCall): string {
  const which = words[1] === '-both' || words[1] === '-bleg' ? words[1] : '';
  const rest = which ? words.slice(2) : words.slice(1);
  if (rest[0] !== 'park') return '-ERR only park is a destination here\n';
  const other = channel.bridgedWith;
  channel.unbridge();
  for (const each of which === '-bleg' ? [other] : which === '-both' ? [channel, other] : [channel]) each?.stopApps();
  return '+OK\n';
}

/**
 * `uuid_broadcast <uuid> <path> [aleg|bleg|both]`: plays to a party, the other, or both, who stay bridged; `app::arg` runs another
 * application.
 */
function broadcast(channel: Channel, { words }: ApiCall): string {
  const [, path, leg = 'aleg'] = words;
  if (!path) return '-USAGE: <uuid> <path> [aleg|bleg|holdb|both]\n';
  const [app, arg] = path.includes('::') ? [path.slice(0, path.indexOf('::')), path.slice(path.indexOf('::') + 2)] : [];
  const chosen = leg === 'both' ? [channel, channel.bridgedWith] : [leg === 'bleg' ? channel.bridgedWith : channel];
  for (const each of chosen) each?.execute(app?.split('!')[0] ?? 'playback', arg ?? path, undefined, false);
  return '+OK Message sent\n';
}

/** `uuid_displace <uuid> [start|stop] <path> [<limitSeconds>] [mux]`: a file in place of what the party says, or with it. */
async function displace(channel: Channel, { words }: ApiCall): Promise<string> {
  const [, action, path, ...options] = words;
  if (!path || (action !== 'start' && action !== 'stop')) return '-USAGE: <uuid> [start|stop] <path> [<limit>] [mux]\n';
  if (action === 'stop') {
    channel.stream.displace(null);
    return '+OK Success\n';
  }
  const opened = await channel.core.library.open(path);
  if (!opened || !channel.up) return '-ERR Cannot displace session!\n';
  const limit = Number(options.find((word) => /^\d+$/.test(word)) ?? 0);
  const timer = limit > 0 ? setTimeout(() => channel.stream.displace(null), limit * 1000) : undefined;
  channel.stream.displace(opened.source, options.includes('mux'), () => clearTimeout(timer));
  return '+OK Success\n';
}

/** `uuid_record <uuid> [start|stop|mask|unmask] <path> [<limitSeconds>]`. */
async function record(channel: Channel, { words }: ApiCall): Promise<string> {
  const [, action, file, limit] = words;
  if (!file) return '-USAGE: <uuid> [start|stop|mask|unmask] <path> [<limit>]\n';
  if (action === 'start') {
    const started = await startSession(channel, file, Math.max(0, Math.floor(Number(limit)) || 0));
    return started ? '+OK Success\n' : '-ERR Cannot record session!\n';
  }
  if (action === 'stop')
    return (await stopSession(channel, file)) ? '+OK Success\n' : '-ERR Cannot stop record session!\n';
  if (action !== 'mask' && action !== 'unmask') return '-ERR Unknown action\n';
  return maskSession(channel, file, action === 'mask') ? '+OK Success\n' : `-ERR Cannot ${action} recording session!\n`;
}
