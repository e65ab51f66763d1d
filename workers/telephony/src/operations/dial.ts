/** `leg.dial`: an outbound leg. Done when its INVITEs are out; everything after that is its events. */

import type { Cause } from '@callwright/engine';
import { contactsOfUser, insertLeg, nameOfCaller, trustedScope, updateLeg } from '@callwright/store';
import type { Media } from '../legs/leg.ts';
import { createPlayer } from '../media/player.ts';
import { hopOf } from '../sip/binding-way.ts';
import { causeOfStatus, statusOfCause } from '../sip/causes.ts';
import { writeDiversions } from '../sip/diversion.ts';
import { escapeUser, oneLine, quoteName } from '../sip/headers.ts';
import { type Branch, dialOut, type OutboundInput } from '../sip/outbound-phone.ts';
import { extendOffer } from '../sip/passing.ts';
import { peerHeaders } from '../sip/peer-headers.ts';
import { offerHeaders, type Protection, protectionOf } from '../sip/protection.ts';
import { cleanOffer } from '../sip/sdp.ts';
import { offerOf } from '../trunks/codecs.ts';
import { type CommandOf, DONE, type Handler, type Operation } from './context.ts';
import { callersFormats, codecHeaders } from './pass-through.ts';

type DialCommand = CommandOf<'leg.dial'>;
type DialOperation = Operation<'leg.dial'>;

export const dial: Handler<'leg.dial'> = async (operation) => {
  const { context, leg, command, started } = operation;
  const refuse = (cause: Cause, sipStatus: number) => {
    context.legs.end(leg, { cause, sipStatus, by: 'local' });
    started();
    return DONE;
  };
  const { target } = command;
  leg.mayTransfer = target.type === 'user';
  const shown = callerAsKnown(operation);
  const found = await findBranches(operation).catch((error: unknown): Cause => {
    context.log.error({ leg: leg.id, err: error }, 'nobody could say where to ring');
    return 'failed';
  });
  if (leg.end) return DONE;
  if (!Array.isArray(found)) return refuse(found, found === 'unavailable' ? 480 : statusOfCause(found));
  if (found.length === 0 && target.type !== 'trunk') return refuse('unavailable', 480);
  const callers = callersFormats(context, leg);
  const media = await prepare(operation, {
    ...offerHeaders(await protectionsOf(operation, found)),
    ...codecHeaders(callers?.formats ?? null),
  });
  if (leg.end) return DONE;
  if (!media) return refuse('failed', 500);
  const whole = media.endpoint.localSdp;
  const offerIn = (protection: Protection): string => {
    const clean = cleanOffer(whole, protection);
    return callers ? extendOffer(clean, whole, callers.offer, callers.formats) : clean;
  };
  const offer = offerIn('plain');
  // all contacts are of one user
  if (found.some((branch) => inWish(branch, offer) === null)) return refuse('incompatible', 488);
  const outside =
    target.type === 'trunk'
      ? await context.trunks.open(leg, command, target, {
          plain: offer,
          sdes: offerIn('sdes'),
        })
      : null;
  if (leg.end) return DONE;
  if (typeof outside === 'number') return refuse(causeOfStatus(outside), outside);
  const phone = dialOut(context, leg, media, {
    ...inTurn(found.map((branch) => protectedBranch(branch, offerIn))),
    offer,
    formats: callers?.formats ?? null,
    headers: {
      ...callHeaders({ ...command, callerId: await shown }),
      ...(target.type === 'trunk' ? {} : ringHeaders(operation)),
      ...peerHeaders(target),
      ...writeDiversions(command.diversions ?? [], command.called.number),
    },
    ...outside,
  });
  leg.phone = phone;
  armRingTimeout(operation);
  await phone.sent;
  started();
  return DONE;
};

/** A trunk's sound is plain where the store cannot say what it is. */
async function protectionsOf(
  { context, leg, command: { target } }: DialOperation,
  branches: readonly Branch[],
): Promise<readonly Protection[]> {
  if (target.type !== 'trunk') return branches.map(protectionOf);
  return context.trunks.protections(leg.companyId, target.trunkIds).catch(() => ['plain'] as const);
}

/** Branches of the highest preference at once, the others when those have failed, unless a 6xx speaks for all (RFC 3261 §16.7). */
function inTurn(branches: readonly Branch[]): Pick<OutboundInput, 'branches' | 'next'> {
  const ranks = [...new Set(branches.map(({ q = 1 }) => q))].sort((a, b) => b - a);
  const [first = [], ...rest] = ranks.map((rank) => branches.filter(({ q = 1 }) => q === rank));
  if (rest.length === 0) return { branches: first };
  return { branches: first, next: async (status) => (status >= 600 ? null : (rest.shift() ?? null)) };
}

/** Where to ring, or the cause for which nowhere. */
async function findBranches({ context, leg, command }: DialOperation): Promise<Branch[] | Cause> {
  const { target } = command;
  switch (target.type) {
    case 'user': {
      const contacts = await contactsOfUser(context.store.db, leg.companyId, target.userId, target.loginIds);
      return contacts.map(({ contact, received, path, q, wish }) => ({
        wish,
        uri: contact,
        proxy: hopOf({ received, path }),
        route: path,
        q,
      }));
    }
    case 'sip': {
      const guarded = await context.guard.check(target.uri);
      return guarded ? [{ uri: guarded.uri, proxy: guarded.proxy, route: null }] : 'forbidden';
    }
    case 'trunk':
      // tried one after the other, once the leg's row can hold their lines
      return [];
    case 'number':
      // numbers of the company were resolved by a look-up before; the outside needs a trunk, and none is named
      return 'unavailable';
  }
}

/** The offer in the codecs that the user's account asks for; null when it forces what cannot be offered. */
const inWish = ({ wish }: Branch, offer: string): string | null =>
  wish ? offerOf(offer, wish.codecs, wish.forced) : offer;

/** A branch that is offered sound as protected as its signalling, in the codecs of its account. */
function protectedBranch(branch: Branch, offerIn: (protection: Protection) => string): Branch {
  const protection = protectionOf(branch);
  if (protection === 'plain' && !branch.wish) return branch;
  const offered = (kind: Protection): string => inWish(branch, offerIn(kind)) ?? offerIn(kind);
  const own = offered(protection);
  // a browser takes nothing else
  return { ...branch, offerOf: () => own, ...(protection === 'sdes' ? { secondOffer: offered('plain') } : {}) };
}

/** The leg's row and its channel, side by side. Null when either could not be had. */
async function prepare(
  { context, leg, command }: DialOperation,
  headers: Record<string, string>,
): Promise<Media | null> {
  const row = insertLeg(context.store.db, leg.companyId, leg.callId, {
    id: leg.id,
    instance: context.instance,
    direction: 'outbound',
    coordinates: command.called,
    ...(command.charged ? { charged: command.charged } : {}),
    dialogId: null,
    transactionId: null,
    sipCallId: null,
    source: null,
  });
  const [stored, made] = await Promise.allSettled([row, context.media.createEndpoint(null, headers)]);
  if (made.status === 'rejected' || stored.status === 'rejected') {
    if (made.status === 'fulfilled') void made.value.destroy();
    context.log.error({ leg: leg.id, media: made.status, row: stored.status }, 'outbound leg could not be prepared');
    return null;
  }
  const media: Media = { endpoint: made.value, player: createPlayer(made.value) };
  context.legs.attachMedia(leg, media);
  updateLeg(context.store.db, leg.companyId, leg.id, { channelUuid: media.endpoint.uuid }).catch(() => {});
  return media;
}

/** A caller without a name has the one that he has in the address books of the user who is called. */
async function callerAsKnown({ context, leg, command }: DialOperation): Promise<DialCommand['callerId']> {
  const { callerId, target } = command;
  const nameless = callerId.name === '' || callerId.name === callerId.number;
  if (target.type !== 'user' || !nameless || callerId.number === '') return callerId;
  const scope = trustedScope(leg.companyId);
  // a phone rings without a name rather than not at all
  const name = await nameOfCaller(context.store.db, scope, callerId.number, target.userId).catch(() => '');
  return name === '' ? callerId : { ...callerId, name: name.slice(0, 200) };
}

/** Who is calling, as the called phone is told (RFC 3261 §8.1.1.3, RFC 3325); names cannot break out of their header. */
function callHeaders({ callerId, autoAnswer, shown, subject }: DialCommand): Record<string, string> {
  const known = callerId.number !== '';
  const address = `<sip:${escapeUser(known ? callerId.number : 'anonymous')}@localhost>`;
  const name = callerId.name === '' ? '' : `${quoteName(callerId.name)} `;
  return {
    From: `${name}${address}`,
    ...(shown ? { 'P-Called-Party-ID': `<sip:${escapeUser(shown)}@localhost>` } : {}),
    ...(known ? { 'P-Asserted-Identity': `${name}${address}` } : { Privacy: 'id' }),
    ...(subject ? { Subject: oneLine(subject) } : {}),
    ...(autoAnswer
      ? { 'Call-Info': '<sip:localhost>;answer-after=0', 'Alert-Info': '<http://localhost>;info=alert-autoanswer' }
      : {}),
  };
}

/** Phones ring otherwise for colleagues than for the outside (RFC 7462 §5.1; `info` for those that know nothing of it). */
function ringHeaders({ context, leg, command }: DialOperation): Record<string, string> {
  if (command.alert && !command.autoAnswer) return { 'Alert-Info': `<http://localhost>;info=${command.alert}` };
  const others = context.legs.ofCall(leg.callId).filter((other) => other !== leg && other.state !== 'ended');
  if (command.autoAnswer || others.length === 0) return {};
  const source = others.some(({ mayTransfer }) => mayTransfer) ? 'internal' : 'external';
  return { 'Alert-Info': `<urn:alert:source:${source}>;info=alert-${source}` };
}

function armRingTimeout({ context, leg, command }: DialOperation): void {
  const timer = setTimeout(() => {
    if (leg.state === 'proceeding' || leg.state === 'early') {
      context.legs.end(leg, { cause: 'no-answer', sipStatus: 408, by: 'local' });
    }
  }, command.ringTimeoutMs);
  timer.unref();
  leg.over.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}
