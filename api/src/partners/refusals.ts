/**
 * Requests on the path of a partner contract that never reach it: of another method, with a target or headers that cannot be read, too
 * large, or no HTTP at all. Its programs read its own form only, so that is what they are answered.
 */
import { PARTNERS, type PartnerContract, type Refusal, type WireAnswer } from '@callwright/partners';

const NOTHING = { params: new Map<string, string>(), headers: {}, body: '' } as const;

/** A request target up to what cannot belong to a documented path. */
const pathOf = (target: string): string => target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#%;]/)[0]!;

const contractAt = (target: string): PartnerContract | undefined =>
  PARTNERS.find(({ mounts }) => mounts.some(({ path }) => path === pathOf(target)));

/** The contract's own answer to a request that is not taken; null where no contract is served. */
export function refusalAt(method: string, target: string, why: Refusal): WireAnswer | null {
  return contractAt(target)?.refuse({ ...NOTHING, method, path: pathOf(target) }, why) ?? null;
}

/** Why a request was not taken, by the HTTP status it would be answered with. */
export function reasonOf(status: number): Refusal {
  if (status === 404 || status === 405) return 'method';
  if (status === 413 || status === 431) return 'too-large';
  return status >= 500 ? 'failed' : 'malformed';
}

/** Method and target of a request line, however broken (RFC 9112 §3), that stands at the beginning; null when none does. */
export function requestLine(bytes: unknown): { readonly method: string; readonly target: string } | null {
  const text = bytes instanceof Buffer ? bytes.toString('latin1', 0, 2100) : '';
  const [, method, target] = /^\s*([A-Za-z-]{1,40})[ \t]+((?:\/|https?:)[^\s]{0,2000})/i.exec(text) ?? [];
  return method === undefined || target === undefined ? null : { method, target };
}
