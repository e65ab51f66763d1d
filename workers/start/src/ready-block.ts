/** What is printed when calls can be taken. */
import type { Running } from './supervisor.ts';

/** The block, beginning with the line `Callwright is ready`. */
export function readyBlock({ wiring, demo }: Running): string {
  const { settings, ports } = wiring;
  const host = settings.publicAddress.includes(':') ? `[${settings.publicAddress}]` : settings.publicAddress;
  const web = `http://${host}:${ports.http}`;
  const sip = settings.drachtio
    ? `(as configured in drachtio at ${settings.drachtio.host})`
    : `sip:${host}:${ports.sip}  (UDP and TCP)`;
  return [
    'Callwright is ready',
    '',
    `  Console   ${web}/console/`,
    `            log in as ${demo.admin.login} with the password ${demo.admin.password}`,
    `  API       ${web}/docs   key: ${settings.dataDir}/admin.key`,
    `  SIP       ${sip}`,
    '',
    '  Dial      what it is',
    ...demo.numbers.map(({ number, what }) => `  ${number.padEnd(9)} ${what}`),
    '',
    '  Phones    user name, password (any SIP phone; a call needs no log-in to reach a public number)',
    ...demo.users.map(
      ({ name, extension, sipUser, sipPassword }) => `  ${extension.padEnd(9)} ${name}: ${sipUser}, ${sipPassword}`,
    ),
    '',
    `  Data      ${settings.dataDir}   (logs in logs/)   stop with Ctrl-C`,
    '',
  ].join('\n');
}
