/** The token lines around SIP messages (wire-protocols A3, A4). */
import type { SipFlow } from '../sip/index.ts';

/** Wall-clock time of the day, `HH:MM:SS.uuuuuu`. */
export function wireTime(): string {
  const microseconds = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  const part = (divisor: number, modulus: number): string =>
    String(Math.floor(microseconds / divisor) % modulus).padStart(2, '0');
  const fraction = String(microseconds % 1_000_000).padStart(6, '0');
  return `${part(3_600_000_000, 24)}:${part(60_000_000, 60)}:${part(1_000_000, 60)}.${fraction}`;
}

const shape = (flow: SipFlow, bytes: number): string =>
  `${bytes}|${flow.protocol}|${flow.address}|${flow.port}|${wireTime()}`;

/** Line before a message that came from the network; `local` only for requests outside dialogs. */
export function networkLine(
  flow: SipFlow,
  bytes: number,
  transactionId: string,
  dialogId: string,
  local?: { readonly address: string; readonly port: number },
): string {
  const arrival = local ? `${local.address}|${local.port}|` : '';
  return `sip|network|${shape(flow, bytes)}|${transactionId}|${dialogId}|${arrival}`;
}

/** Line before a request that the server made by itself. */
export function unsolicitedLine(flow: SipFlow, bytes: number, dialogId: string): string {
  return `sip|application|${shape(flow, bytes)}|unsolicited|${dialogId}|`;
}

/** The echo of a request sent for an application. */
export function requestEcho(flow: SipFlow, bytes: number, transactionId: string): string {
  return `OK|application|${shape(flow, bytes)}|${transactionId}|Msg sent:|`;
}

/** The echo of a response sent for an application. */
export function responseEcho(flow: SipFlow, bytes: number, transactionId: string, dialogId: string): string {
  return `OK|application|${shape(flow, bytes)}|${transactionId}|${dialogId}||Msg sent:|`;
}
