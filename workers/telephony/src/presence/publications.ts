/** PUBLISH (RFC 3903): a phone says what its user does. Each answer names the publication anew (SIP-ETag). */
import { addPublication, removePublication, renewPublication, type SipLogin, type Store } from '@callwright/store';
import type { Authenticator } from '../inbound/authenticate.ts';
import type { SipRequest, SipResponse } from '../sip/drachtio.ts';
import { parseSipUri, parseTokens } from '../sip/headers.ts';
import { BODY_TYPES } from './documents.ts';
import { readPidf } from './pidf.ts';
import { readEvent, readSeconds } from './subscriptions.ts';

const MAX_BODY_BYTES = 16_000;
const MIN_SECONDS = 60;

export interface PublicationDeps {
  readonly store: Store;
  readonly authenticator: Authenticator;
  /** Somebody may have to be told. */
  wake(): void;
}

export function createPublishHandler(deps: PublicationDeps): (req: SipRequest, res: SipResponse) => Promise<void> {
  return async (req, res) => {
    if (readEvent(req.get('event'))?.package !== 'presence')
      return res.send(489, { headers: { 'Allow-Events': 'presence' } });
    const body = req.body ?? '';
    if (Buffer.byteLength(body) > MAX_BODY_BYTES) return res.send(413);
    if (body !== '' && !/^application\/pidf\+xml\s*(;|$)/i.test(req.get('content-type') ?? ''))
      return res.send(415, { headers: { Accept: BODY_TYPES.presence } });
    const login = await deps.authenticator.authenticate(req, res, 'registrar');
    if (!login) return;
    if (!login.user || !isOwn(req, login)) return res.send(403);
    const seconds = readSeconds(req.get('expires'));
    if (seconds === null) return res.send(423, { headers: { 'Min-Expires': String(MIN_SECONDS) } });
    const { status, etag } = await publish(deps, { req, login, userId: login.user.id, seconds, body });
    res.send(status, etag === null ? {} : { headers: { 'SIP-ETag': etag, Expires: String(seconds) } });
    deps.wake();
  };
}

/** A log-in publishes for its own user alone. */
function isOwn(req: SipRequest, login: SipLogin): boolean {
  const name = parseSipUri(req.uri)?.user;
  return name === login.username || name === login.user?.extension;
}

interface Publication {
  readonly req: SipRequest;
  readonly login: SipLogin;
  readonly userId: string;
  readonly seconds: number;
  readonly body: string;
}

/** The four cases of RFC 3903 §4: first, refresh, change, removal; 412 for a tag that is not (any more) the log-in's. */
async function publish(
  { store: { db } }: PublicationDeps,
  { req, login, userId, seconds, body }: Publication,
): Promise<{ readonly status: number; readonly etag: string | null }> {
  const failed = (status: number) => ({ status, etag: null });
  const [etag, more] = parseTokens(req.get('sip-if-match'));
  if (more !== undefined) return failed(400);
  const said = body === '' ? null : readPidf(body);
  if (body !== '' && !said) return failed(400);
  const { id: loginId, companyId } = login;
  if (etag === undefined) {
    if (!said) return failed(400);
    if (seconds === 0) return { status: 200, etag: 'none' };
    const added = await addPublication(db, { ...said, companyId, userId, loginId, seconds });
    return added === null ? failed(403) : { status: 200, etag: added };
  }
  if (seconds === 0)
    return (await removePublication(db, { companyId, loginId, etag })) ? { status: 200, etag } : failed(412);
  const renewed = await renewPublication(db, { companyId, loginId, etag }, seconds, said);
  return renewed === null ? failed(412) : { status: 200, etag: renewed };
}
