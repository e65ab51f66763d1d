/** SIPp as a phone: scenarios from steps, run as a child process; its exit code and error log are the verdict. */
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a SIPp caller does after its call was answered, in order. */
export type SippStep =
  | { pauseMs: number }
  /** RFC 4733 by the packaged captures; plays beside the steps that follow. */
  | { key: string }
  | { infoKey: string }
  /** Wait for the far end's BYE (with this limit). */
  | { expectByeMs: number }
  | { bye: true };

export interface SippCall {
  /** `host:port` of the SIP server. */
  readonly server: string;
  /** Dialled user part. */
  readonly to: string;
  readonly steps: readonly SippStep[];
  readonly dir: string;
  /** First media port; the capture listens on it. */
  readonly mediaPort: number;
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly codec?: 'ulaw' | 'alaw';
  readonly transport?: 'udp' | 'tcp';
  /** Number of calls and calls a second; one call by default. */
  readonly calls?: number;
  readonly rate?: number;
  readonly timeoutMs?: number;
}

export interface SippResult {
  readonly exitCode: number;
  readonly errors: string;
  readonly output: string;
}

const PCAP_DIR = '/usr/share/sip-tester';

const dialog = (method: string, user: string) => `
      ${method} [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      Max-Forwards: 70
      [routes]
      From: <sip:${user}@[remote_ip]:[remote_port]>;tag=[call_number]
      To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
      Call-ID: [call_id]
      CSeq: [cseq] ${method}
      Contact: <sip:${user}@[local_ip]:[local_port];transport=[transport]>`;

const message = (text: string): string => `\n<![CDATA[${text.replace(/\n {6}/g, '\n')}\n]]>\n`;

function stepXml(step: SippStep, user: string): string {
  if ('pauseMs' in step) return `<pause milliseconds="${step.pauseMs}"/>`;
  if ('key' in step) {
    const name = step.key === '#' ? 'pound' : step.key === '*' ? 'star' : step.key;
    return `<nop><action><exec play_pcap_audio="${PCAP_DIR}/dtmf_2833_${name}.pcap"/></action></nop>`;
  }
  if ('infoKey' in step) {
    const body = `Signal=${step.infoKey}\nDuration=160`;
    return `<send retrans="500">${message(`${dialog('INFO', user)}\n      Content-Type: application/dtmf-relay\n      Content-Length: [len]\n\n      ${body}`)}</send><recv response="200"/>`;
  }
  if ('expectByeMs' in step) {
    return `<recv request="BYE" timeout="${step.expectByeMs}"/><send>${message(`
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0
`)}</send>`;
  }
  return `<send retrans="500">${message(`${dialog('BYE', user)}\n      Content-Length: 0\n`)}</send><recv response="200"/>`;
}

/** The scenario as XML. */
export function sippScenario(call: SippCall): string {
  const user = call.credentials?.username ?? 'sipp';
  const pt = call.codec === 'alaw' ? '8' : '0';
  const codec = call.codec === 'alaw' ? 'PCMA' : 'PCMU';
  const invite = (authenticated: boolean) => `
      INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      Max-Forwards: 70
      From: <sip:${user}@[remote_ip]:[remote_port]>;tag=[call_number]
      To: <sip:[service]@[remote_ip]:[remote_port]>
      Call-ID: [call_id]
      CSeq: [cseq] INVITE
      Contact: <sip:${user}@[local_ip]:[local_port];transport=[transport]>${authenticated ? `\n      [authentication username=${call.credentials!.username} password=${call.credentials!.password}]` : ''}
      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=sipp 1 1 IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP ${pt} 101
      a=rtpmap:${pt} ${codec}/8000
      a=rtpmap:101 telephone-event/8000
      a=fmtp:101 0-15
`;
  const ack = (next: string) =>
    `<send>${message(`
      ACK ${next} SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      Max-Forwards: 70
      [routes]
      From: <sip:${user}@[remote_ip]:[remote_port]>;tag=[call_number]
      To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
      Call-ID: [call_id]
      CSeq: [cseq] ACK
      Content-Length: 0
`)}</send>`;
  const authentication = call.credentials
    ? `<recv response="100" optional="true"/><recv response="407" auth="true"/>${ack('sip:[service]@[remote_ip]:[remote_port]')}<send retrans="500">${message(invite(true))}</send>`
    : '';
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="callwright">
<send retrans="500">${message(invite(false))}</send>
${authentication}
<recv response="100" optional="true"/><recv response="180" optional="true"/><recv response="183" optional="true"/>
<recv response="200" rrs="true" rtd="true"/>
${ack('[next_url]')}
${call.steps.map((step) => stepXml(step, user)).join('\n')}
</scenario>
`;
}

/** SIPp as a peer that is called: what it must find in the INVITE, then it rings, answers and waits for the BYE. */
export interface SippPeer {
  readonly dir: string;
  readonly address: string;
  readonly port: number;
  readonly mediaPort: number;
  /** Regular expression (POSIX) by header. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** The scenario as XML; a header that does not match fails the call. */
export function sippPeerScenario({ headers }: SippPeer): string {
  const names = Object.keys(headers);
  const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  const checks = names.map(
    (name, n) =>
      `<ereg regexp="${xml(headers[name]!)}" search_in="hdr" header="${name}:" check_it="true" assign_to="${n + 1}"/>`,
  );
  const answer = (status: string, more: string) =>
    `<send>${message(`
      SIP/2.0 ${status}
      [last_Via:]
      [last_Record-Route:]
      [last_From:]
      [last_To:];tag=[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:peer@[local_ip]:[local_port]>
      ${more}
`)}</send>`;
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="callwright peer">
<recv request="INVITE" rrs="true"><action>${checks.join('')}</action></recv>
${names.length > 0 ? `<Reference variables="${names.map((_, n) => n + 1).join(',')}"/>` : ''}
${answer('180 Ringing', 'Content-Length: 0')}
${answer(
  '200 OK',
  `Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=sipp 1 1 IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0
      a=rtpmap:0 PCMU/8000`,
)}
<recv request="ACK"/>
<recv request="BYE"/>
${answer('200 OK', 'Content-Length: 0')}
</scenario>
`;
}

/** Runs a peer for one call. */
export async function runSippPeer(peer: SippPeer): Promise<SippResult> {
  const { dir, address, port, mediaPort, timeoutMs = 60_000 } = peer;
  return runScenario(dir, sippPeerScenario(peer), [
    ...['-i', address, '-p', String(port), '-mi', address, '-mp', String(mediaPort), '-m', '1', '-t', 'u1', '-nostdin'],
    ...['-timeout', `${Math.ceil(timeoutMs / 1000)}s`, '-timeout_error'],
  ]);
}

/** Runs the scenario to its end. */
export async function runSipp(call: SippCall): Promise<SippResult> {
  return runScenario(call.dir, sippScenario(call), [
    call.server,
    ...['-s', call.to, '-i', '127.0.0.1', '-mi', '127.0.0.1', '-mp', String(call.mediaPort)],
    ...['-m', String(call.calls ?? 1), '-r', String(call.rate ?? 1), '-l', String(call.calls ?? 1)],
    ...['-t', call.transport === 'tcp' ? 't1' : 'u1', '-nostdin'],
    ...['-timeout', `${Math.ceil((call.timeoutMs ?? 60_000) / 1000)}s`, '-timeout_error'],
  ]);
}

async function runScenario(dir: string, xml: string, options: readonly string[]): Promise<SippResult> {
  await mkdir(dir, { recursive: true });
  const scenario = join(dir, 'scenario.xml');
  const errors = join(dir, 'errors.log');
  await writeFile(scenario, xml);
  const args = [...options, '-sf', scenario, '-trace_err', '-error_file', errors];
  const child = spawn('sipp', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output = (output + data.toString()).slice(-20_000);
  });
  child.stderr.on('data', (data: Buffer) => {
    output = (output + data.toString()).slice(-20_000);
  });
  const exitCode = await new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? -1)));
  return { exitCode, output, errors: complaints(await readFile(errors, 'utf8').catch(() => '')) };
}

/** What SIPp says of the far end; a slow machine makes it complain of itself, which is no verdict. */
function complaints(log: string): string {
  return log
    .split('\n')
    .filter((line) => line.trim() !== '' && !/The following events occurred|watchdog timer/.test(line))
    .join('\n');
}
