/** The programs that the vendor's guide announces as examples (V-064, V-098) and its two loggers (V-099); their pages lie in demo/. */
import type { WireAnswer } from '../src/contract.ts';
import type { PartnerDemo } from '../src/demo.ts';

const answer = (body: string): WireAnswer => ({ status: 200, contentType: 'text/plain; charset=UTF-8', body });

export const demo: PartnerDemo = {
  pages: [
    { path: 'telephone-bar', title: 'Telephone bar' },
    { path: 'dialer', title: 'Predictive dialer' },
    { path: 'loggers', title: 'Loggers' },
  ],
  receivers: [
    { name: 'logger.php', answer: () => answer('') },
    // the sample gives no instruction, so the call ends; its address may name one, so that each return action can be tried (V-068)
    { name: 'logger_ivr.php', answer: (query) => answer((query.get('answer') ?? '').slice(0, 1000)) },
  ],
};
