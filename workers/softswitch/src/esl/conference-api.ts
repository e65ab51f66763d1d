/** `api conference …` (wire-protocols §B4): the texts are those drachtio-fsmrf matches. */
import { Conference, type Member } from '../media/conference.ts';
import type { MediaCore } from '../media/media-core.ts';
import { openWavWriter } from '../media/wav-writer.ts';

interface Request {
  readonly core: MediaCore;
  readonly conference: Conference;
  /** Words after the operation. */
  readonly words: readonly string[];
}

type Operation = (request: Request) => string | Promise<string>;

/** Runs `conference <name> <operation> …`, or `conference list`. */
export async function conferenceApi(core: MediaCore, words: readonly string[], _text: string): Promise<string> {
  const [name = '', operation = '', ...rest] = words;
  if (name === 'list' || name === '') return listAll(core);
  const conference = core.conferences.get(name);
  if (!conference) return `-ERR Conference ${name} not found\n`;
  const run = OPERATIONS[operation.toLowerCase()];
  return run ? run({ core, conference, words: rest }) : `-ERR Conference command '${operation}' not found.\n`;
}

function listAll(core: MediaCore): string {
  if (core.conferences.size === 0) return 'No active conferences.\n';
  return [...core.conferences.values()]
    .map(
      (each) =>
        `Conference ${each.name} (${each.members.size} members${each.locked ? ' locked' : ''})\n${listMembers(each)}`,
    )
    .join('');
}

function listMembers(conference: Conference): string {
  return [...conference.members.values()].map(describeMember).join('');
}

function describeMember(member: Member): string {
  const flags = [member.deaf ? '' : 'hear', member.muted ? '' : 'speak', member.talking ? 'talking' : ''].filter(
    Boolean,
  );
  const { leg, uuid, name } = member.channel;
  return `${[member.id, name, uuid, leg.fromUser, leg.fromUser, flags.join('|')].join(';')}\n`;
}

/** Members a word names: an id, `all`, `last` or `non_moderator`. */
function chosen(conference: Conference, word: string | undefined): Member[] {
  const all = [...conference.members.values()];
  if (word === undefined || word === 'all') return all;
  if (word === 'last') return all.slice(-1);
  if (word === 'non_moderator') return all.filter((member) => !member.flags.moderator);
  return all.filter((member) => String(member.id) === word);
}

/** An operation on members that answers `OK <verb> <id>` for each. */
function onMembers(
  verb: string,
  apply: (member: Member, conference: Conference, words: readonly string[]) => void,
): Operation {
  return ({ conference, words }) => {
    const members = chosen(conference, words[0]);
    if (members.length === 0) return `-ERR Non-Existant ID ${words[0]}\n`;
    for (const member of members) apply(member, conference, words.slice(1));
    return members.map((member) => `OK ${verb} ${member.id}\n`).join('');
  };
}

/** Changes a member's voice or hearing and tells it. */
function toggle(verb: string, action: string, apply: (member: Member) => void): Operation {
  return onMembers(verb, (member, conference) => {
    apply(member);
    conference.publishMember(member, action, {});
  });
}

/** Shows a member's level, or sets it within its bounds and tells it. */
function level(
  title: string,
  action: string,
  header: string,
  [lowest, highest]: readonly [number, number],
  property: 'energy' | 'volumeIn' | 'volumeOut',
): Operation {
  return ({ conference, words }) => {
    const members = chosen(conference, words[0]);
    if (members.length === 0) return `-ERR Non-Existant ID ${words[0]}\n`;
    const asked = words[1] === undefined ? undefined : Number(words[1]);
    if (asked !== undefined && !Number.isInteger(asked)) return `-ERR ${title} must be a whole number\n`;
    for (const member of members) {
      if (asked === undefined) continue;
      member[property] = Math.max(lowest, Math.min(highest, asked));
      conference.publishMember(member, action, { [header]: String(member[property]) });
    }
    return members.map((member) => `${title} ${member.id} = ${member[property]}\n`).join('');
  };
}

/** Video is declined in SDP, so its operations change nothing and say so the same way. */
const ignored = (verb: string): Operation => onMembers(verb, () => undefined);

const OPERATIONS: Readonly<Record<string, Operation>> = Object.assign(
  Object.create(null) as Record<string, Operation>,
  {
    agc: () => '+OK agc is off\n',
    chkrecord: ({ conference }) =>
      conference.recording ? `Record file ${conference.recording.file}\n` : '-ERR conference not recording\n',
    deaf: toggle('deaf', 'deaf-member', (member) => {
      member.deaf = true;
    }),
    dtmf: onMembers('dtmf', (member, _conference, words) => {
      for (const digit of words[0] ?? '') member.channel.stream.sendKey(digit, 2000);
    }),
    energy: level('Energy', 'energy-level-member', 'Energy-Level', [0, 20_000], 'energy'),
    floor: onMembers('floor', (member, conference) => conference.setFloor(member)),
    get: ({ conference, words }) => readParameter(conference, words[0] ?? ''),
    gettag: ({ conference, words }) => taggedMembers(conference, words),
    hup: onMembers('hup', (member, conference) => conference.remove(member, 'kicked')),
    kick: onMembers('kicked', (member, conference) => {
      conference.publishMember(member, 'kick-member', {});
      conference.remove(member, 'kicked');
    }),
    list: ({ conference, words }) => (words[0] === 'count' ? String(conference.members.size) : listMembers(conference)),
    lock: ({ conference }) => setLock(conference, true),
    mute: toggle('mute', 'mute-member', (member) => {
      member.muted = true;
    }),
    nopin: ({ conference }) => {
      conference.pin = '';
      return 'OK pin removed\n';
    },
    norecord: ({ core, conference, words }) => recording({ core, conference, words: ['stop', ...words] }),
    pin: ({ conference, words }) => {
      if (!/^\d{1,20}$/.test(words[0] ?? '')) return '-ERR usage: pin <digits>\n';
      conference.pin = words[0] as string;
      return `OK pin for conference ${conference.name} set\n`;
    },
    play,
    record: ({ core, conference, words }) => recording({ core, conference, words: ['start', ...words] }),
    recording,
    saymember: () => '-ERR no speech engine\n',
    set: ({ conference, words }) => writeParameter(conference, words[0] ?? '', words.slice(1).join(' ')),
    stop: ({ conference, words }) => {
      const stopped = conference.stopPlays(words[0] === 'all' ? 'all' : 'current');
      return `Stopped ${stopped} files.\n`;
    },
    tag: ({ conference, words }) => {
      for (const member of chosen(conference, words[0])) member.tag = words[1] ?? '';
      return `OK tag ${words[0] ?? ''}\n`;
    },
    tmute: toggle('mute', 'mute-member', (member) => {
      member.muted = !member.muted;
    }),
    transfer,
    undeaf: toggle('undeaf', 'undeaf-member', (member) => {
      member.deaf = false;
    }),
    unlock: ({ conference }) => setLock(conference, false),
    unmute: toggle('unmute', 'unmute-member', (member) => {
      member.muted = false;
    }),
    unvmute: ignored('unvmute'),
    vmute: ignored('vmute'),
    'vmute-snap': ignored('vmute-snap'),
    volume_in: level('Volume IN', 'volume-in-member', 'Volume-Level', [-4, 4], 'volumeIn'),
    volume_out: level('Volume OUT', 'volume-out-member', 'Volume-Level', [-4, 4], 'volumeOut'),
  } satisfies Record<string, Operation>,
);

function setLock(conference: Conference, locked: boolean): string {
  if (conference.locked !== locked) conference.publish(locked ? 'lock' : 'unlock', {});
  conference.locked = locked;
  return `OK ${conference.name} ${locked ? 'locked' : 'unlocked'}\n`;
}

function readParameter(conference: Conference, name: string): string {
  if (name === 'max_members') return String(conference.maxMembers);
  if (name === 'count') return String(conference.members.size);
  return conference.variables.get(name) ?? '-ERR unknown parameter';
}

function writeParameter(conference: Conference, name: string, value: string): string {
  if (name === 'max_members') {
    const limit = Number(value);
    if (!Number.isInteger(limit) || limit < 0) return '-ERR max_members must be a number\n';
    conference.maxMembers = limit;
  } else if (conference.variables.size < 100 || conference.variables.has(name)) conference.variables.set(name, value);
  return `${value}\n`;
}

function taggedMembers(conference: Conference, words: readonly string[]): string {
  const [tag = '', mode] = words;
  return [...conference.members.values()]
    .filter((member) => (member.tag === tag) !== (mode === 'nomatch'))
    .map((member) => member.id)
    .join(',');
}

/** `play <file> [options] [memberId|async]`: to all, queued; or to one member at once. */
async function play({ core, conference, words }: Request): Promise<string> {
  const file = words[0] ?? '';
  const last = words.length > 1 ? (words.at(-1) as string) : '';
  const opened = file === '' ? null : await core.library.open(file);
  if (!opened) return `(play) File: ${file} not found.\n`;
  if (!/^\d+$/.test(last)) {
    return conference.queuePlay(file, opened.source) ? `(play) Playing file ${file}\n` : '-ERR too many files wait\n';
  }
  const member = conference.members.get(Number(last));
  if (!member) return `-ERR Non-Existant ID ${last}\n`;
  member.prompt = {
    source: opened.source,
    done: () => conference.publishMember(member, 'play-file-member-done', { File: file }),
  };
  conference.publishMember(member, 'play-file-member', { File: file });
  return `(play) Playing file ${file} to member ${member.id}\n`;
}

function transfer({ core, conference, words }: Request): string {
  const [target = '', ...ids] = words;
  const members = ids.flatMap((id) => chosen(conference, id));
  if (target === '' || members.length === 0) return '-ERR usage: transfer <conference> <member>\n';
  const room = core.conferences.get(target) ?? new Conference(core, target, conference.profile);
  if (room === conference || room.locked) return `-ERR conference ${target} cannot be joined\n`;
  return members
    .map((member) => {
      room.add(member.channel, member.flags, member.leave);
      conference.publishMember(member, 'transfer', { 'Old-Name': conference.name, 'New-Name': room.name });
      conference.remove(member, 'moved');
      return `OK Member '${member.id}' sent to conference ${room.name}.\n`;
    })
    .join('');
}

async function recording({ core, conference, words }: Request): Promise<string> {
  const [action = '', file = ''] = words;
  const current = conference.recording;
  if (action === 'start') return startRecording(core, conference, file);
  if (!current || (file !== '' && file !== 'all' && file !== current.file)) return '-ERR no such recording\n';
  if (action === 'stop') {
    await conference.stopRecording();
    return `Stopped recording file ${current.file}\n`;
  }
  if (action !== 'pause' && action !== 'resume') return '-ERR usage: recording start|pause|resume|stop <file>\n';
  current.paused = action === 'pause';
  return `${action === 'pause' ? 'Pause' : 'Resume'} recording file ${current.file}\n`;
}

async function startRecording(core: MediaCore, conference: Conference, file: string): Promise<string> {
  if (conference.recording) return `-ERR already recording ${conference.recording.file}\n`;
  const path = await core.library.writablePath(file);
  const onError = (): void => void conference.stopRecording();
  const writer = path ? await openWavWriter(path, { onError }).catch(() => null) : null;
  if (!writer) return `-ERR cannot write ${file}\n`;
  if (conference.recording || conference.members.size === 0) {
    await writer.close();
    return `-ERR cannot record ${file}\n`;
  }
  conference.recording = { file, writer, paused: false };
  conference.publish('start-recording', { Path: file });
  return `Record file ${file}\n`;
}
