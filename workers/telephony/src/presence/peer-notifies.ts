/** NOTIFY message-summary outside of dialogs from peers (RFC 3842 §2): kept, then answered; the user's lamp follows from the row. */
import { isIP } from 'node:net';
import { spellings } from '@callwright/engine/numbers';
import {
  type Db,
  keepPeerWord,
  type PeerMailbox,
  peerMailbox,
  type Store,
  type TelephonyTrunk,
  trunksOfRequest,
} from '@callwright/store';
import type { SipRequest, SipResponse } from '../sip/drachtio.ts';
import { hasControl, parseNameAddr, parseSipUri, splitHeader } from '../sip/headers.ts';
import { calledNumber } from '../trunks/presentation.ts';
import { readMessageSummary, SUMMARY_TYPE } from './message-summary.ts';

/** A summary is a few lines. */
const MAX_BYTES = 4096;
const MAX_NAME = 64;
const MAX_CALL_ID = 400;

export interface PeerNotifyDeps {
  readonly store: Store;
  /** A word was kept: lamps may be due. */
  wake(): void;
  /** NOTIFYs of other packages. */
  otherwise(req: SipRequest, res: SipResponse): Promise<void>;
}

/** What trunks a request may be of. */
export interface PeerTrunks {
  readonly trunks: readonly TelephonyTrunk[];
  /** Known, but not to be believed. */
  readonly distrusted: boolean;
}

/**
 * Trunks whose word on messages counts: trusted peers by their source, registering trunks by their source or our Contact there, which
 * nobody else knows.
 */
export async function peersOf(db: Db, req: SipRequest): Promise<PeerTrunks> {
  const address = req.source_address.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0) return { trunks: [], distrusted: false };
  const udp = (req.protocol || 'udp').toLowerCase() === 'udp';
  const requestUser = parseSipUri(req.uri)?.user ?? '';
  const found = await trunksOfRequest(db, { address, port: req.source_port, udp, requestUser });
  const trunks = found.filter((trunk) => trunk.trusted || trunk.mode === 'register');
  return { trunks, distrusted: found.length > 0 && trunks.length === 0 };
}

/** Whom the names of a request mean at these trunks: as a call's would, then as they stand, then as the body has it. */
export function mailboxOf(
  db: Db,
  trunks: readonly TelephonyTrunk[],
  req: SipRequest,
  account: string,
): Promise<PeerMailbox | null> {
  const requestUser = parseSipUri(req.uri)?.user ?? '';
  const to = req.get('to') ?? '';
  const contacts = new Set(trunks.map((trunk) => trunk.contactUser));
  const names = [
    ...trunks.map((trunk) => calledNumber(trunk, requestUser, to)),
    requestUser,
    parseSipUri(parseNameAddr(to)?.uri ?? '')?.user ?? '',
    account,
  ].filter((name) => name !== '' && name.length <= MAX_NAME && !hasControl(name) && !contacts.has(name));
  return peerMailbox(
    db,
    trunks.map(({ id }) => id),
    [...new Set(names)].map((name) => spellings(name)),
  );
}

export function createPeerNotifies(deps: PeerNotifyDeps): (req: SipRequest, res: SipResponse) => Promise<void> {
  const inTurn = createTurns();
  return async (req, res) => {
    const [event = ''] = splitHeader(req.get('event') ?? '', ';');
    const within = parseNameAddr(req.get('to') ?? '')?.params.tag;
    // we subscribe nowhere: what comes within a dialog is nobody's
    if (event.trim().toLowerCase() !== 'message-summary' || within) return deps.otherwise(req, res);
    const status = await inTurn(`${req.source_address}:${req.source_port}`, () => take(deps.store.db, req));
    res.send(status, status === 415 ? { headers: { Accept: SUMMARY_TYPE } } : {}, () => {
      if (status === 200) deps.wake();
    });
  };
}

/** Runs what has the same key one after the other: the word that comes last counts. */
function createTurns(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (last.get(key) === turn) last.delete(key);
    }
  };
}

/** Final status; 200 once the word is stored. Strangers learn nothing about who exists. */
async function take(db: Db, req: SipRequest): Promise<number> {
  const { trunks, distrusted } = await peersOf(db, req);
  if (trunks.length === 0) return distrusted ? 403 : 481;
  const body = req.body ?? '';
  if (Buffer.byteLength(body) > MAX_BYTES) return 413;
  const [type = ''] = splitHeader(req.get('content-type') ?? '', ';');
  if (type.trim().toLowerCase() !== SUMMARY_TYPE) return 415;
  const read = readMessageSummary(body);
  const sipCallId = req.get('call-id') ?? '';
  const cseq = Number.parseInt(req.get('cseq') ?? '', 10);
  const named = sipCallId !== '' && sipCallId.length <= MAX_CALL_ID && !hasControl(sipCallId);
  if (!read || !named || !(cseq >= 0 && cseq < 2 ** 31)) return 400;
  const found = await mailboxOf(db, trunks, req, read.account);
  if (!found?.userId) return 404;
  const { companyId, userId, trunkId } = found;
  await keepPeerWord(db, { ...read.summary, companyId, userId, trunkId, sipCallId, cseq });
  return 200;
}
