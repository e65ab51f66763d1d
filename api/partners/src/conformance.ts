/** What every partner contract must do. A partner's own test calls this with vitest's functions, its samples and its page. */
import type { describe, expect, it } from 'vitest';
import type { PartnerContract, PartnerModule, WireAnswer, WireRequest } from './contract.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';

export interface Vitest {
  readonly describe: typeof describe;
  readonly it: typeof it;
  readonly expect: typeof expect;
}

/** A printed sample of a row, kept in the folder's `fixtures`. */
export interface Sample {
  readonly row: string;
  readonly method: string;
  /** Path and query as printed; a form body as `body`. */
  readonly url: string;
  readonly body?: string;
  /** The answer as it must be; `…` stands for any value. Lines are trimmed. */
  readonly answer: string;
  /** Operations that the sample asks of the telephone system, in order. */
  readonly asks?: readonly string[];
}

/** A request from a printed URL; a body of the form `a=b&c=d` is a form. */
export function wireRequest(method: string, url: string, form = ''): WireRequest {
  const [path, query = ''] = url.split('?', 2) as [string, string?];
  const params = new Map<string, string>();
  for (const [name, value] of [...new URLSearchParams(query), ...new URLSearchParams(form)])
    if (!params.has(name)) params.set(name, value);
  return { method, path, params, headers: {}, body: '' };
}

const trimmed = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');

/** Whether an answer is the expected one up to values. */
export function sameUpToValues(actual: string, expected: string): boolean {
  const pattern = trimmed(expected)
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('…', '[^<\\n]*');
  return new RegExp(`^${pattern}$`).test(trimmed(actual));
}

/** `page` is the text of `<name>.md`: its table's first column names every row, served or not. */
export function partnerConformance(
  { describe, it, expect }: Vitest,
  contract: PartnerContract,
  settings: object,
  samples: readonly Sample[],
  page: string,
): void {
  const module: PartnerModule = { id: 'module', name: 'Test', settings: contract.settings.parse(settings) };
  const served = contract.rows.filter(({ kind, lacks }) => kind === 'service' && lacks?.state !== 'unmet');
  const ask = async (request: WireRequest): Promise<[WireAnswer, FakeHost]> => {
    const host = fakeHost();
    return [await contract.answer(request, module, host), host];
  };
  const requestOf = ({ method, url, body }: Sample, more = '') =>
    wireRequest(method, `${url}${more && (url.includes('?') ? '&' : '?') + more}`, body);

  describe(`${contract.name}: partner contract`, () => {
    it('has the same rows in its page and its code, each once, with a reason where something lacks', () => {
      const inPage = [...page.matchAll(/^\| *([A-Z]+-\d+[a-z]?) *\|/gm)].map((match) => match[1]);
      expect(inPage).toEqual(contract.rows.map(({ id }) => id));
      expect(new Set(inPage).size).toBe(inPage.length);
      for (const { id, lacks } of contract.rows) if (lacks) expect(lacks.why, id).not.toBe('');
    });

    it('has a sample for every service it serves', () => {
      const sampled = new Set(samples.map(({ row }) => row));
      expect(served.map(({ id }) => id).filter((id) => !sampled.has(id))).toEqual([]);
    });

    it.each(samples)('answers the sample of $row: $url', async (sample) => {
      const request = requestOf(sample);
      expect(
        contract.mounts.some(({ path, methods }) => path === request.path && methods.includes(sample.method as 'GET')),
      ).toBe(true);
      expect(contract.credential(request)).not.toBe(null);
      const [answer, host] = await ask(request);
      expect(sameUpToValues(answer.body, sample.answer), answer.body).toBe(true);
      if (sample.asks) expect(host.asked).toEqual(sample.asks);
    });

    it.each(samples)('$row ignores parameters it does not know: $url', async (sample) => {
      const [answer] = await ask(requestOf(sample, 'x-unknown=1'));
      expect(sameUpToValues(answer.body, sample.answer), answer.body).toBe(true);
    });

    it('knows a request without a credential, and refuses for every reason in its own form', () => {
      const bare = wireRequest('GET', contract.mounts[0]!.path);
      expect(contract.credential(bare)).toBe(null);
      const reasons = ['unauthenticated', 'rate-limited', 'malformed', 'too-large', 'method', 'failed'] as const;
      const forms = reasons.map((why) => contract.refuse(bare, why));
      for (const form of forms) expect(form.body.length).toBeGreaterThan(0);
    });
  });
}
