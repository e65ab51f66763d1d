/** REFER both ways (RFC 3515), Replaces inside Refer-To (RFC 3891): the far end asks to be transferred, or we ask it to go elsewhere. */
import { legByDialog } from '@callwright/store';
import type { Leg, LegEnd } from '../legs/leg.ts';
import type { TelephonyContext } from '../operations/context.ts';
import type { SipDialog, SipRequest, SipResponse } from './drachtio.ts';
import { parseNameAddr, parseSipUri, splitHeader } from './headers.ts';

/** The subscription that a REFER makes: its maker is told how the transfer went. */
export interface ReferSubscription {
  finish(end: LegEnd): Promise<void>;
}

const SUBSCRIPTION_SECONDS = 60;
/** A transfer lets its maker go at once, an attended one within 8 s; who is still there after this time was not obeyed. */
const DECIDED_MS = 10_000;

const sipfrag = (dialog: SipDialog, status: string, state: string): Promise<unknown> =>
  dialog
    .request({
      method: 'NOTIFY',
      headers: { Event: 'refer', 'Subscription-State': state, 'Content-Type': 'message/sipfrag;version=2.0' },
      body: `SIP/2.0 ${status}\r\n`,
    })
    .catch(() => undefined);

export interface ReferTarget {
  /** A dialled number of ours, or a whole SIP URI of elsewhere. */
  readonly target: string;
  /** The dialog to be replaced, when one is named. */
  readonly replaces: ReplacedDialog | null;
}

/** A dialog as the one who is to look for it knows it (RFC 3891 §3): `toTag` is its own, `fromTag` the far end's. */
export interface ReplacedDialog {
  readonly sipCallId: string;
  readonly toTag: string;
  readonly fromTag: string;
}

function readReplaces(value: string | undefined): ReplacedDialog | null {
  if (value === undefined) return null;
  const [sipCallId = '', ...parameters] = splitHeader(value, ';').map((part) => part.trim());
  const tag = (name: string): string =>
    parameters.find((part) => part.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  return { sipCallId, toTag: tag('to-tag'), fromTag: tag('from-tag') };
}

/** Reads Refer-To; `ourHosts` are the names under which the far end knows us. Null when it names nothing that can be called. */
export function readReferTo(value: string | undefined, ourHosts: readonly string[]): ReferTarget | null {
  const uri = parseSipUri(parseNameAddr(value ?? '')?.uri ?? '');
  if (!uri || uri.user === '') return null;
  const ours = uri.scheme === 'tel' || ourHosts.includes(uri.host);
  const port = uri.port === null ? '' : `:${uri.port}`;
  const replaces = readReplaces(uri.headers.replaces);
  return { target: (ours ? uri.user : `${uri.scheme}:${uri.user}@${uri.host}${port}`).slice(0, 400), replaces };
}

/** Takes a REFER: 202, a first NOTIFY, and the `refer` event for the call to act on. */
export async function receiveRefer(
  context: TelephonyContext,
  leg: Leg,
  dialog: SipDialog,
  req: SipRequest,
  res: SipResponse,
): Promise<ReferSubscription | null> {
  if (!leg.mayTransfer) {
    // a stranger would reach through us what is not public
    res.send(403);
    return null;
  }
  const hosts = ['to', 'from'].map((name) => parseSipUri(parseNameAddr(req.get(name) ?? '')?.uri ?? '')?.host ?? '');
  const found = readReferTo(req.get('refer-to'), [...hosts, leg.domain, 'localhost']);
  if (!found) {
    res.send(400);
    return null;
  }
  const other = found.replaces === null ? null : await replacedLeg(context, leg, found.replaces);
  if (found.replaces !== null && other === null) {
    // the dialog to be replaced is not ours to join
    res.send(481);
    return null;
  }
  res.send(202);
  void sipfrag(dialog, '100 Trying', `active;expires=${SUBSCRIPTION_SECONDS}`);
  context.legs.report(leg, {
    type: 'refer',
    target: found.target,
    replacesLeg: other?.leg ?? null,
    replacesCall: other?.callId ?? null,
  });
  return subscription(dialog);
}

function subscription(dialog: SipDialog): ReferSubscription {
  let open = true;
  const finish = async (status: string): Promise<void> => {
    if (!open) return;
    open = false;
    clearTimeout(late);
    await sipfrag(dialog, status, 'terminated;reason=noresource');
  };
  const late = setTimeout(() => void finish('603 Decline'), DECIDED_MS);
  late.unref();
  return {
    finish: (end) =>
      finish(end.cause === 'transferred' || end.cause === 'normal' ? '200 OK' : '503 Service Unavailable'),
  };
}

/** The leg that has the dialog. One on which BYE was sent or received is gone at once (481), whatever its row still says. */
async function replacedLeg(
  context: TelephonyContext,
  leg: Leg,
  replaced: ReplacedDialog,
): Promise<{ leg: string; callId: string } | null> {
  const { sipCallId, toTag, fromTag } = replaced;
  const here = context.legs.all().filter((other) => other.sipCallId === sipCallId && other.companyId === leg.companyId);
  if (here.length === 0)
    return legByDialog(context.store.db, leg.companyId, replaced, context.instance).catch(() => null);
  // who does not know the tags has no part in the dialog
  const known = here.find(({ tags }) => tags?.local === toTag && tags.remote === fromTag);
  return known && known.state !== 'ended' ? { leg: known.id, callId: known.callId } : null;
}

const REFER_MS = 32_000;

/** Sends REFER and waits for the final NOTIFY, the leg's end or 32 s. */
export async function sendRefer(
  dialog: SipDialog,
  target: string,
  over: AbortSignal,
): Promise<{ ok: boolean; sipStatus: number }> {
  let tell: (status: number) => void = () => {};
  const notified = new Promise<number>((resolve) => {
    tell = resolve;
  });
  dialog.on('notify', (req, res) => {
    res.send(200);
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(req.body ?? '')?.[1] ?? 0);
    if (status >= 200) tell(status);
  });
  const answer = await dialog
    .request({ method: 'REFER', headers: { 'Refer-To': `<${target}>`, 'Referred-By': `<sip:transfer@localhost>` } })
    .catch(() => null);
  const status = answer?.status ?? 500;
  if (status >= 300) return { ok: false, sipStatus: status };
  const late = setTimeout(() => tell(408), REFER_MS);
  // a far end that has accepted and hangs up has gone where it was sent
  over.addEventListener('abort', () => tell(200), { once: true });
  const outcome = await notified;
  clearTimeout(late);
  return { ok: outcome < 300, sipStatus: outcome };
}
