/** Click-to-dial by REFER outside of dialogs (RFC 3515): a phone of the user calls by itself, and tells how it went. */
import {
  contactsOfUser,
  type DueReferral,
  type ReferralState,
  reportReferral,
  type Store,
  takeReferrals,
} from '@callwright/store';
import type { Logger } from 'pino';
import { wayTo } from '../sip/binding-way.ts';
import type { SipRequest, SipResponse, SrfLike } from '../sip/drachtio.ts';
import { escapeUser } from '../sip/headers.ts';

const BATCH = 20;
/** A phone that has accepted tells within this time; its subscription is no longer (RFC 3515 §2.4.4). */
const TOLD_MS = 180_000;

export interface ReferralDeps {
  readonly store: Store;
  readonly srf: SrfLike;
  readonly server: string;
  /** `host:port` at which phones call us. */
  readonly ownHost: string;
  readonly log: Logger;
}

export interface Referrals {
  /** Sends what is due; resolves when it is out. */
  round(): Promise<void>;
  /** A NOTIFY outside of dialogs: of one of ours, or of nobody's (481). */
  notify(req: SipRequest, res: SipResponse): Promise<void>;
}

export function createReferrals(deps: ReferralDeps): Referrals {
  const { store, log } = deps;
  /** Sent and not told yet, by Call-ID. */
  const open = new Map<string, DueReferral>();
  const report = (one: DueReferral, state: ReferralState, status: number): Promise<void> =>
    reportReferral(store.db, one.companyId, one.id, state, status).catch((error: unknown) =>
      log.warn({ err: error }, 'a referral could not be noted'),
    );
  const refer = async (one: DueReferral): Promise<void> => {
    const [contact] = await contactsOfUser(store.db, one.companyId, one.userId, undefined);
    if (!contact) return report(one, 'failed', 480);
    const { proxy, headers } = wayTo(contact);
    const request = { method: 'REFER', proxy, headers: { ...headers, ...referHeaders(deps, one) } };
    const status = await send(deps.srf, contact.contact, request, (callId) => {
      open.set(callId, one);
      setTimeout(() => open.delete(callId), TOLD_MS).unref();
    });
    await report(one, status >= 200 && status < 300 ? 'accepted' : 'failed', status || 408);
  };
  return {
    round: async () => {
      for (const one of await takeReferrals(store.db, deps.server, BATCH))
        void refer(one).catch((error: unknown) => log.warn({ err: error }, 'a phone could not be asked to call'));
    },
    notify: async (req, res) => {
      const callId = req.get('call-id') ?? '';
      const one = open.get(callId);
      if (!one || !/^refer\b/i.test(req.get('event') ?? '')) return res.send(481);
      res.send(200);
      const status = Number(/^SIP\/2\.0 ([2-6]\d\d)/.exec(req.body ?? '')?.[1] ?? 0);
      if (status === 0) return;
      open.delete(callId);
      await report(one, status < 300 ? 'done' : 'failed', status);
    },
  };
}

function referHeaders({ ownHost }: ReferralDeps, { extension, number }: DueReferral): Record<string, string> {
  const own = `<sip:${escapeUser(extension)}@${ownHost}>`;
  return {
    From: own,
    Contact: `<sip:${escapeUser(extension)}@localhost>`,
    'Refer-To': `<sip:${escapeUser(number)}@${ownHost}>`,
    'Referred-By': own,
  };
}

/** Final status; 0 when nobody answered, or the connection to the SIP server is gone. */
function send(
  srf: SrfLike,
  contact: string,
  request: Readonly<Record<string, unknown>>,
  sent: (callId: string) => void,
): Promise<number> {
  return new Promise((resolve) => {
    try {
      srf.request(contact, { ...request }, (error, made) => {
        if (error || !made) return resolve(0);
        sent(made.get('call-id') ?? '');
        made.on('response', ({ status }) => {
          if (status >= 200) resolve(status);
        });
      });
    } catch {
      resolve(0);
    }
  });
}
