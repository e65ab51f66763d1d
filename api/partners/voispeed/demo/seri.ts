/** The public interface as a partner's program uses it: GET requests, answers in XML (V-001…V-003). */

/** What the interface says when it does not do what was asked. */
export class SeriError extends Error {}

const ENDPOINT = '/PBX/seri_endpoint.php';

export type Params = Readonly<Record<string, string | number>>;

/** Asks a service; the `<result>` of its answer. Throws `SeriError` when the outcome is not 0. */
export async function ask(token: string, service: string, params: Params = {}): Promise<Element> {
  const query = new URLSearchParams({ service, token });
  for (const [name, value] of Object.entries(params)) if (value !== '') query.set(name, String(value));
  const response = await fetch(`${ENDPOINT}?${query}`);
  const result = new DOMParser().parseFromString(await response.text(), 'text/xml').documentElement;
  if (text(result, 'outcome') !== '0') throw new SeriError(text(result, 'error') || `HTTP ${response.status}`);
  return result;
}

/** Text of a child; empty when there is none. */
export const text = (element: Element, tag: string): string => child(element, tag)?.textContent?.trim() ?? '';

const child = (element: Element, tag: string): Element | undefined =>
  [...element.children].find(({ tagName }) => tagName === tag);

const list = (result: Element, container: string): Element[] => [...(child(result, container)?.children ?? [])];

/** T1. */
export const ENTITY = { user: 0, gateway: 2, ivr: 3 } as const;
/** T2: may be called. */
export const AVAILABLE = 2;
/** T8: the call was accepted. */
export const ACCEPTED = '1';

export interface User {
  readonly id: string;
  readonly extension: string;
  readonly name: string;
  /** T2. */
  readonly status: number;
}

export async function users(token: string): Promise<User[]> {
  const result = await ask(token, 'get_entities', { entity_type: ENTITY.user });
  return list(result, 'users').map((one) => ({
    id: text(one, 'id'),
    extension: text(one, 'extension'),
    name: `${text(one, 'name')} ${text(one, 'surname')}`.trim(),
    status: Number(text(one, 'av_status')),
  }));
}

export interface Gateway {
  readonly id: string;
  readonly name: string;
  readonly free: number;
}

export async function gateways(token: string): Promise<Gateway[]> {
  const result = await ask(token, 'get_entities', { entity_type: ENTITY.gateway });
  return list(result, 'gateways')
    .filter((one) => text(one, 'enabled') === '1')
    .map((one) => ({
      id: text(one, 'id'),
      name: text(one, 'name'),
      free: Math.max(0, Number(text(one, 'lines')) - Number(text(one, 'busy_lines'))),
    }));
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

export async function responders(token: string): Promise<Named[]> {
  const result = await ask(token, 'get_entities', { entity_type: ENTITY.ivr });
  return list(result, 'ivrs').map((one) => ({
    id: text(one, 'id'),
    name: text(one, 'description') || text(one, 'name'),
  }));
}

export interface Contact {
  readonly id: string;
  readonly name: string;
  readonly company: string;
  readonly email: string;
  /** As they are labelled: office, home, mobile, other. */
  readonly numbers: readonly (readonly [kind: string, number: string])[];
  /** Whatever the partner keeps with the contact (V-092). */
  readonly more: readonly (readonly [caption: string, value: string])[];
}

const NUMBERS = ['office', 'home', 'mobile', 'other'] as const;

/** Whom the phonebook knows by a number (V-043). */
export async function contactOf(token: string, number: string): Promise<Contact | null> {
  const digits = number.replace(/\D/g, '');
  if (digits.length < 3) return null;
  const result = await ask(token, 'get_phonebook', { search: digits, limit: 1 });
  const found = child(result, 'contact');
  if (!found) return null;
  return {
    id: text(found, 'contact_id'),
    name: `${text(found, 'name')} ${text(found, 'surname')}`.trim(),
    company: text(found, 'company'),
    email: text(found, 'email'),
    numbers: NUMBERS.flatMap((kind) => (text(found, kind) ? [[kind, text(found, kind)] as const] : [])),
    more: list(found, 'ext_info').map((one) => [text(one, 'caption'), text(one, 'value')] as const),
  };
}

export interface PastCall {
  readonly id: string;
  readonly direction: string;
  readonly number: string;
  readonly name: string;
  readonly startedAt: string;
  readonly seconds: number;
  /** T8. */
  readonly outcome: number;
}

/** The user's newest calls (V-016). */
export async function callsOf(token: string, ext: string, limit: number): Promise<PastCall[]> {
  const result = await ask(token, 'get_user_call_report', { ext, limit });
  return [...result.children]
    .filter(({ tagName }) => tagName === 'call')
    .map((one) => ({
      id: text(one, 'id'),
      direction: text(one, 'direction'),
      number: text(one, 'remote_number'),
      name:
        [text(one, 'remote_name'), text(one, 'remote_surname')].filter(Boolean).join(' ') ||
        text(one, 'remote_company'),
      startedAt: text(one, 'start_time'),
      seconds: Number(text(one, 'duration')),
      outcome: Number(text(one, 'outcome')),
    }));
}
