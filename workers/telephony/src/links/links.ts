/**
 * Links: a leg of this instance and a leg of another hear each other over a channel on each media server, which speak RTP to one another.
 * Both sides look at the link's row, woken by notices and at least every second, so that either may die at any point.
 */

import type { SupervisionMode } from '@callwright/engine';
import {
  answerLink,
  askLink,
  findFarLeg,
  LINK_NOTICES,
  type LinkView,
  leaveLink,
  linksOf,
  listenFor,
  orphanLinks,
  type Store,
  uuidv7,
} from '@callwright/store';
import type { Logger } from 'pino';
import { TelephonyError } from '../errors.ts';
import type { Leg } from '../legs/leg.ts';
import type { LegTable } from '../legs/leg-table.ts';
import type { MediaEndpoint } from '../media/endpoint.ts';
import type { MediaServer } from '../media/media-server.ts';
import { cleanOffer } from '../sip/sdp.ts';
import { earEnd, type JoinedLink, joinEnd } from './joined-link.ts';
import { createRounds } from './rounds.ts';

export interface LinksDeps {
  readonly instance: string;
  readonly store: Store;
  readonly media: MediaServer;
  readonly legs: LegTable;
  readonly log: Logger;
}

export interface Links {
  /** From now on the instance takes part in links that others ask for. */
  serve(): void;
  /**
   * Joins a leg with one that another instance holds. False: there is no such leg, or one of the two has ended meanwhile. Rejects with
   * `TEL_LINK` when the other instance does not answer.
   */
  join(leg: Leg, far: string): Promise<boolean>;
  /** Lets a leg supervise one that another instance holds; again with another mode changes that. As `join`. */
  supervise(leg: Leg, far: string, mode: SupervisionMode): Promise<boolean>;
  /** Parts a leg from the far one it is linked with, if it is; resolves when the other side has parted too, or is lost. */
  part(leg: Leg): Promise<void>;
  /** The channel here through which a leg talks with a far one; null when it does not. */
  channelOf(leg: Leg): MediaEndpoint | null;
  /** Ends on the media server what earlier epochs of the name have left there. */
  endOrphans(name: string, epoch: number): Promise<void>;
  stop(): void;
}

/** The call gives a bridge up after 10 s. */
const ANSWER_MS = 5000;
const PART_MS = 2000;

export function createLinks(deps: LinksDeps): Links {
  const { instance, store, media, legs, log } = deps;
  const { db } = store;
  const joined = new Map<string, JoinedLink>();
  /** Links that are being made: rounds leave them alone. */
  const making = new Set<string>();
  /** Asked for and taken once, whatever came of it. */
  let taken: ReadonlySet<string> = new Set();

  const leave = (id: string): Promise<void> => leaveLink(db, instance, id).catch(() => {});
  const close = async (link: JoinedLink): Promise<void> => {
    joined.delete(link.id);
    await link.close();
    await leave(link.id);
  };
  const linkOf = (leg: Leg): JoinedLink | undefined =>
    [...joined.values()].find((link) => link.leg === leg && link.joins);

  /** Opens our end of a link; leg and channel end with each other. */
  const open = async (link: JoinedLink, channel: MediaEndpoint): Promise<JoinedLink> => {
    const { id, leg } = link;
    joined.set(id, link);
    leg.over.signal.addEventListener('abort', () => void close(link), { once: true });
    channel.onLost(() => void close(link));
    await link.open();
    return link;
  };

  /** Makes one end; whatever fails leaves nothing behind. */
  const make = async <T>(
    id: string,
    work: (channel: MediaEndpoint) => Promise<T>,
    offer: string | null,
  ): Promise<T> => {
    making.add(id);
    let channel: MediaEndpoint | null = null;
    try {
      channel = await media.createEndpoint(offer);
      return await work(channel);
    } catch (error) {
      const link = joined.get(id);
      if (link) await close(link);
      else {
        await channel?.destroy();
        await leave(id);
      }
      throw error;
    } finally {
      making.delete(id);
    }
  };

  /** Another instance asks for the far end of a link. */
  const take = async (row: LinkView): Promise<void> => {
    const { id, leg: legId, farLeg, companyId, callId, offer, supervision } = row;
    const leg = legs.get(legId);
    if (leg?.companyId !== companyId || leg.callId !== callId || leg.state !== 'answered') return leave(id);
    const before = supervision === null ? linkOf(leg) : undefined;
    if (before) await close(before);
    await make(
      id,
      async (channel) => {
        const end = { id, leg, far: farLeg, channel };
        await open(supervision === null ? joinEnd(end) : earEnd(end, supervision), channel);
        const answer = { answer: channel.localSdp, channel: channel.uuid };
        if (!(await answerLink(db, instance, id, answer))) throw new TelephonyError('TEL_LINK');
      },
      offer,
    );
  };

  const look = async (): Promise<void> => {
    // one that is made while the rows are read is not among them
    const before = [...joined.values()];
    const rows = await linksOf(db, instance);
    const listed = new Set(rows.map(({ id }) => id));
    for (const link of before) if (!listed.has(link.id)) await close(link);
    const again = taken;
    taken = new Set(rows.filter(({ id, state }) => state === 'asked' || again.has(id)).map(({ id }) => id));
    for (const row of rows) {
      if (making.has(row.id) || row.state === 'left') continue;
      const link = joined.get(row.id);
      if (row.farState === 'left' || (!link && row.state === 'open')) await (link ? close(link) : leave(row.id));
      else if (row.state === 'asked' && !again.has(row.id)) {
        take(row).catch((error: unknown) => log.warn({ link: row.id, err: error }, 'the end of a link failed'));
      }
    }
  };
  const rounds = createRounds(look, log);

  const rowOf = async (id: string): Promise<LinkView | null> =>
    (await linksOf(db, instance)).find((row) => row.id === id) ?? null;

  /** The other side's description; null when its leg has ended, or ours. */
  const answerTo = async (id: string, leg: Leg): Promise<string | null> => {
    const found = await rounds.until(async () => {
      if (leg.state === 'ended') return { sdp: null };
      const row = await rowOf(id);
      if (!row || row.farState === 'left') return { sdp: null };
      return row.answer === null ? null : { sdp: row.answer };
    }, ANSWER_MS);
    if (!found) throw new TelephonyError('TEL_LINK');
    return found.sdp;
  };

  /** Joins a leg with a far one, or with an ear there. */
  const reach = async (leg: Leg, far: string, supervision: SupervisionMode | null): Promise<boolean> => {
    const before = linkOf(leg);
    if (before?.far === far && before.supervision === supervision) return true;
    if (before) await close(before);
    const found = await findFarLeg(db, leg.companyId, { callId: leg.callId, leg: far, here: instance });
    if (!found) return false;
    const id = uuidv7();
    return make(
      id,
      async (channel) => {
        await askLink(db, leg.companyId, {
          id,
          callId: leg.callId,
          leg: leg.id,
          instance,
          channel: channel.uuid,
          farLeg: far,
          farInstance: found.instance,
          offer: cleanOffer(channel.localSdp),
          supervision,
        });
        const answer = await answerTo(id, leg);
        if (answer === null) {
          await channel.destroy();
          await leave(id);
          return false;
        }
        await channel.modify(answer);
        const link = await open(joinEnd({ id, leg, far, channel }, supervision), channel);
        if (leg.state !== 'ended') return true;
        await close(link);
        return false;
      },
      null,
    );
  };

  return {
    serve: () =>
      rounds.start((wake) => listenFor(store, LINK_NOTICES, (to) => (to === null || to === instance) && wake())),
    join: (leg, far) => reach(leg, far, null),
    supervise: (leg, far, mode) => reach(leg, far, mode),
    channelOf: (leg) => linkOf(leg)?.channel ?? null,
    part: async (leg) => {
      const link = linkOf(leg);
      if (!link) return;
      await close(link);
      await rounds.until(async () => {
        const row = await rowOf(link.id);
        return !row || row.farState === 'left' ? true : null;
      }, PART_MS);
    },
    endOrphans: async (name, epoch) => {
      const channels = await orphanLinks(db, name, epoch);
      await Promise.allSettled(channels.map((uuid) => media.kill(uuid)));
    },
    stop: rounds.stop,
  };
}
