/** The headers events and CHANNEL_DATA carry about a channel (wire-protocols §B3.1). */

import { Q850 } from './cause.ts';
import type { Channel } from './channel.ts';
import { clockRateOf } from './codec/coder.ts';

/** Headers of every event of a channel. */
export function channelHeaders(channel: Channel): Record<string, string> {
  const { leg, core } = channel;
  const up = channel.callState !== 'HANGUP';
  return {
    'Channel-State': up ? 'CS_EXECUTE' : 'CS_HANGUP',
    'Channel-Call-State': channel.callState,
    'Channel-State-Number': up ? '4' : '10',
    'Channel-Name': channel.name,
    'Unique-ID': channel.uuid,
    'Call-Direction': 'inbound',
    'Presence-Call-Direction': 'inbound',
    'Channel-HIT-Dialplan': 'true',
    'Channel-Call-UUID': channel.uuid,
    'Answer-State': up ? 'answered' : 'hangup',
    ...(channel.hangupCause ? { 'Hangup-Cause': channel.hangupCause } : {}),
    'Channel-Read-Codec-Name': nameOf(channel.stream.target?.codec ?? 'PCMU'),
    'Channel-Read-Codec-Rate': rateOf(channel),
    'Channel-Write-Codec-Name': nameOf(channel.stream.target?.codec ?? 'PCMU'),
    'Channel-Write-Codec-Rate': rateOf(channel),
    'Caller-Direction': 'inbound',
    'Caller-Username': leg.fromUser,
    'Caller-Dialplan': 'XML',
    'Caller-Caller-ID-Name': leg.fromUser,
    'Caller-Caller-ID-Number': leg.fromUser,
    'Caller-Network-Addr': core.identity.address,
    'Caller-Destination-Number': leg.toUser,
    'Caller-Unique-ID': channel.uuid,
    'Caller-Source': 'mod_sofia',
    'Caller-Context': core.profile,
    'Caller-Channel-Name': channel.name,
    'Caller-Channel-Created-Time': String(channel.createdAt * 1000),
    'Caller-Channel-Answered-Time': String(channel.createdAt * 1000),
  };
}

/** The channel's variables, each under `variable_<name>`. */
export function variableHeaders(channel: Channel): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of channel.variables) headers[`variable_${name}`] = value;
  return headers;
}

/** Sets the variables a channel is born with, and those a new SDP changes. `localSdp`/`remoteSdp` are the last ones exchanged. */
export function describeMedia(channel: Channel, localSdp: string, remoteSdp: string | null): void {
  const { stream, core } = channel;
  const set = (name: string, value: string) => channel.setVariable(name, value);
  set('rtp_local_sdp_str', localSdp);
  set('local_media_ip', core.identity.address);
  set('local_media_port', String(stream.ports.port));
  set('rtp_use_ssrc', String(stream.ssrc));
  if (remoteSdp) set('switch_r_sdp', remoteSdp);
  if (stream.target) {
    set('remote_media_ip', stream.target.address);
    set('remote_media_port', String(stream.target.port));
    set('dtmf_type', stream.target.keyPayload === null ? 'info' : 'rfc2833');
    set('rtp_use_codec_name', nameOf(stream.target.codec));
    set('read_codec', nameOf(stream.target.codec));
    set('write_codec', nameOf(stream.target.codec));
    set('rtp_use_pt', String(stream.target.payload));
    const { security } = stream.target.terms;
    set('rtp_has_crypto', security?.kind === 'sdes' ? security.profile : '');
    set('rtp_secure_media_confirmed', security ? 'true' : '');
  }
}

/** Sets the variables that come from the INVITE. */
export function describeLeg(channel: Channel): void {
  const { leg } = channel;
  const set = (name: string, value: string) => channel.setVariable(name, value);
  set('direction', 'inbound');
  set('uuid', channel.uuid);
  set('call_uuid', channel.uuid);
  set('channel_name', channel.name);
  set('sip_call_id', leg.callId);
  set('sip_user_agent', leg.userAgent);
  set('sip_from_user', leg.fromUser);
  set('sip_to_user', leg.toUser);
  set('endpoint_disposition', 'ANSWER');
  for (const [name, value] of Object.entries(leg.extraHeaders)) set(`sip_h_${name}`, value);
}

/** Media statistics as `uuid_set_media_stats` leaves them. */
export function describeStatistics(channel: Channel): void {
  const { reception, packetsSent, bytesSent } = channel.stream;
  const set = (name: string, value: number) => channel.setVariable(name, String(value));
  set('rtp_audio_in_packet_count', reception.packets);
  set('rtp_audio_in_media_packet_count', reception.packets);
  set('rtp_audio_in_media_bytes', reception.bytes);
  set('rtp_audio_in_raw_bytes', reception.bytes + reception.packets * 12);
  set('rtp_audio_in_skip_packet_count', reception.lost);
  set('rtp_audio_in_jitter_variance', Math.round(reception.jitter));
  set('rtp_audio_out_packet_count', packetsSent);
  set('rtp_audio_out_media_packet_count', packetsSent);
  set('rtp_audio_out_media_bytes', bytesSent);
  set('rtp_audio_out_raw_bytes', bytesSent + packetsSent * 12);
}

/** Text of a SIP Reason header. */
export function reasonHeader(cause: string): string {
  return `Q.850;cause=${Q850[cause] ?? 16};text="${cause}"`;
}

/** Name alone, which a passed format bears with its clock. */
const nameOf = (codec: string): string => codec.split('/')[0] as string;

/** FreeSWITCH tells the sampling rate, which for G.722 is not the RTP clock. */
function rateOf({ stream }: Channel): string {
  const codec = stream.target?.codec ?? 'PCMU';
  return codec === 'G722' ? '16000' : String(clockRateOf(codec));
}
