/** `conference name[@profile][+pin][+flags{a|b}]`: the channel takes part until it leaves or the conference ends. */
import { Conference, type Member, type MemberFlags } from '../conference.ts';
import type { App } from './registry.ts';

interface Parsed {
  readonly name: string;
  readonly profile: string;
  readonly pin: string;
  readonly flags: ReadonlySet<string>;
}

function parseArgument(arg: string): Parsed {
  const flagged = /\+flags\{([^}]*)\}\s*$/.exec(arg);
  const rest = flagged ? arg.slice(0, flagged.index) : arg;
  const [room = '', pin = ''] = rest.split('+');
  const [name = '', profile = 'default'] = room.trim().split('@');
  return { name, profile, pin, flags: new Set((flagged?.[1] ?? '').split('|').map((flag) => flag.trim())) };
}

export const conferenceApp: App = (channel, arg, done) => {
  const { name, profile, pin, flags } = parseArgument(arg);
  const { conferences } = channel.core;
  const existing = conferences.get(name);
  const full = existing && existing.maxMembers > 0 && existing.members.size >= existing.maxMembers;
  if (name === '' || existing?.locked || full || (existing && existing.pin !== pin)) {
    done();
    return {};
  }
  const conference = existing ?? new Conference(channel.core, name, profile);
  if (!existing) conference.pin = pin;
  let member = conference.add(channel, memberFlags(flags), left);
  let room = conference;

  /** A move to another conference keeps the application running there. */
  function left(reason: 'left' | 'kicked' | 'moved'): void {
    if (reason === 'moved') {
      const seat = findSeat(conferences, channel.uuid);
      if (seat) [room, member] = seat;
      return;
    }
    done();
  }

  return {
    onKey: (key, duration) => {
      room.publishMember(member, 'dtmf-member', { 'DTMF-Key': key, Data: key, 'DTMF-Duration': String(duration) });
    },
    suspend: () => {
      member.suspended = true;
    },
    resume: () => {
      member.suspended = false;
    },
    hangup: () => room.remove(member, 'left'),
  };
};

function findSeat(conferences: ReadonlyMap<string, Conference>, uuid: string): [Conference, Member] | null {
  for (const conference of conferences.values()) {
    for (const member of conference.members.values()) if (member.channel.uuid === uuid) return [conference, member];
  }
  return null;
}

function memberFlags(flags: ReadonlySet<string>): MemberFlags {
  return {
    mute: flags.has('mute'),
    deaf: flags.has('deaf'),
    endconf: flags.has('endconf'),
    moderator: flags.has('moderator'),
    ghost: flags.has('ghost'),
  };
}
