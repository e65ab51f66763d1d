/** MESSAGE between users (RFC 3428): taken for the company's users, stored for the absent, delivered as soon as a phone is there. */
import {
  addTextMessage,
  type Contact,
  contactsOfUser,
  type DueTextMessage,
  type Keyring,
  type Store,
  subscriptionTarget,
  takeTextMessages,
  textMessageDelivered,
  textMessageSeal,
} from '@callwright/store';
import type { Logger } from 'pino';
import type { Authenticator } from '../inbound/authenticate.ts';
import { wayTo } from '../sip/binding-way.ts';
import type { SipRequest, SipResponse, SrfLike } from '../sip/drachtio.ts';
import { escapeUser, hasControl, parseNameAddr, parseSipUri, quoteName } from '../sip/headers.ts';

/** RFC 3428 §8 keeps a request with its headers below 1300 bytes over UDP; over other transports more is usual. */
const MAX_TEXT_BYTES = 4000;
/** Messages that wait for one user. */
const MAX_WAITING = 500;
const BATCH = 50;
const ANSWER_MS = 10_000;

export interface TextMessageDeps {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly authenticator: Authenticator;
  /** A message is stored: it may be delivered. */
  wake(): void;
}

export function createMessageHandler(deps: TextMessageDeps): (req: SipRequest, res: SipResponse) => Promise<void> {
  const { store, keyring } = deps;
  return async (req, res) => {
    // one within a call belongs to that call
    if (parseNameAddr(req.get('to') ?? '')?.params.tag) return res.send(481);
    const text = req.body ?? '';
    if (!/^text\/plain\s*(;|$)/i.test(req.get('content-type') ?? ''))
      return res.send(415, { headers: { Accept: 'text/plain' } });
    if (Buffer.byteLength(text) > MAX_TEXT_BYTES) return res.send(413);
    const sipCallId = req.get('call-id') ?? '';
    const uri = parseSipUri(req.uri);
    if (text === '' || sipCallId === '' || sipCallId.length > 400 || hasControl(sipCallId) || !uri)
      return res.send(400);
    const login = await deps.authenticator.authenticate(req, res, 'proxy');
    if (!login) return;
    if (!login.user) return res.send(403);
    const asker = { companyId: login.companyId, userId: login.user.id };
    const target = await subscriptionTarget(store.db, asker, 'presence', uri.user);
    if (!target?.userId) return res.send(404);
    const stored = await addTextMessage(
      store.db,
      {
        companyId: login.companyId,
        fromUser: login.user.id,
        toUser: target.userId,
        sipCallId,
        cseq: Number.parseInt(req.get('cseq') ?? '0', 10) || 0,
        textEnc: keyring.seal(textMessageSeal(login.companyId), text),
      },
      MAX_WAITING,
    );
    res.send(stored ? 202 : 480);
    deps.wake();
  };
}

export interface DeliveryDeps {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly srf: SrfLike;
  readonly server: string;
  readonly log: Logger;
}

/** One round: every message that is due goes to all phones of its receiver, those of one receiver in order. */
export async function deliverTextMessages(deps: DeliveryDeps): Promise<void> {
  const due = await takeTextMessages(deps.store.db, deps.server, BATCH);
  for (const receiver of new Set(due.map(({ toUser }) => toUser))) {
    void deliverInOrder(
      deps,
      due.filter(({ toUser }) => toUser === receiver),
    ).catch((error: unknown) => deps.log.warn({ err: error }, 'text messages could not be delivered'));
  }
}

async function deliverInOrder(
  { store, keyring, srf }: DeliveryDeps,
  messages: readonly DueTextMessage[],
): Promise<void> {
  for (const message of messages) {
    const text = keyring.openText(textMessageSeal(message.companyId), message.textEnc);
    const contacts = await contactsOfUser(store.db, message.companyId, message.toUser, undefined);
    const answers = await Promise.all(contacts.map((contact) => send(srf, { contact, text, message })));
    if (!answers.some((status) => status >= 200 && status < 300)) return;
    await textMessageDelivered(store.db, message.companyId, message.id);
  }
}

interface Sending {
  readonly contact: Contact;
  readonly text: string;
  readonly message: DueTextMessage;
}

/** Final status; 0 when nobody answered in time. */
function send(srf: SrfLike, { contact, text, message }: Sending): Promise<number> {
  const { number, name } = message.sender;
  const display = name === '' ? '' : `${quoteName(name)} `;
  const way = wayTo(contact);
  const headers = {
    ...way.headers,
    From: `${display}<sip:${escapeUser(number)}@localhost>`,
    'Content-Type': 'text/plain; charset=utf-8',
    // when it was sent, for one that has waited (RFC 3428 §4)
    Date: new Date(message.sentAt).toUTCString(),
  };
  return new Promise((resolve) => {
    setTimeout(() => resolve(0), ANSWER_MS).unref();
    try {
      srf.request(contact.contact, { method: 'MESSAGE', proxy: way.proxy, headers, body: text }, (error, sent) => {
        if (error || !sent) return resolve(0);
        sent.on('response', ({ status }) => {
          if (status >= 200) resolve(status);
        });
      });
    } catch {
      // the connection to the SIP server is gone
      resolve(0);
    }
  });
}
