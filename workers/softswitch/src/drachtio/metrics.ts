/** The server's counts as Prometheus text. */
import type { SipServerCounts } from './server.ts';

const COUNTERS: ReadonlySet<keyof SipServerCounts> = new Set(['received', 'sent', 'dropped']);

const HELP: Readonly<Record<keyof SipServerCounts, string>> = {
  openServerTransactions: 'Server transactions open',
  openClientTransactions: 'Client transactions open',
  openConnections: 'SIP connections open',
  awaitingAck: 'Answers to INVITE waiting for their ACK',
  received: 'SIP messages received',
  sent: 'SIP messages sent',
  dropped: 'SIP messages and connections thrown away',
  apps: 'Applications connected',
  dialogs: 'Dialogs',
  pendingIncoming: 'Requests waiting for an application',
  pendingOutgoing: 'Requests of applications waiting for the network',
  proxied: 'Requests being proxied',
};

/** One scrape (text format 0.0.4). */
export function metricsText(counts: SipServerCounts): string {
  let text = '';
  for (const [key, help] of Object.entries(HELP) as [keyof SipServerCounts, string][]) {
    const counter = COUNTERS.has(key);
    const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const name = `callwright_sip_${snake}${counter ? '_total' : ''}`;
    text += `# HELP ${name} ${help}\n# TYPE ${name} ${counter ? 'counter' : 'gauge'}\n${name} ${counts[key]}\n`;
  }
  return text;
}
