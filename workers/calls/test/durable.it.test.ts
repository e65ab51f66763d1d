/** Real flows on real workers that are killed: nothing is lost, repeated or cut. */
import { buildRevision, flow, NO_CATALOGUE, node, say } from '@callwright/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hangupBody } from './fake-media.ts';
import {
  type CallsProcess,
  type InboundCall,
  type Installation,
  openInstallation,
  percentile,
  pressWhenAsked,
} from './installation.ts';
import { until } from './world.ts';

const menu = {
  prompts: [say('Press a key')],
  firstDigitTimeoutMs: 60_000,
  tries: 1,
  choices: [
    { key: '1', outcome: 'again' },
    { key: '9', outcome: 'end' },
  ],
};
const keys = buildRevision(
  flow('keys', {
    language: 'en',
    nodes: {
      start: node('start', { answer: true }, { next: 'menu' }),
      menu: node('menu', menu, { again: 'more', end: 'end', 'no-input': 'end', 'no-match': 'end' }),
      more: node('menu', menu, { again: 'menu', end: 'end', 'no-input': 'end', 'no-match': 'end' }),
      end: node('hang-up', {}),
    },
  }),
  NO_CATALOGUE,
).closure;

let installation: Installation;
beforeAll(async () => {
  installation = await openInstallation();
  await installation.publish('keys', keys);
});
afterAll(() => installation?.close());

async function ordinary(call: InboundCall): Promise<void> {
  await call.ended();
  const records = await call.records();
  expect(records.map((record) => record.n)).toEqual(records.map((_, i) => i + 1));
  expect(records.filter((record) => record.type === 'call.ended')).toHaveLength(1);
  expect(await call.cdr()).toMatchObject({ disposition: 'answered', legs: [{ leg: call.leg }] });
}

describe('calls on workers that die', () => {
  it('run from start to CDR, with every record stored once', async () => {
    const worker = await installation.startCalls();
    const { media } = installation;
    const call = await installation.inbound(keys);
    for (const digit of '119') await pressWhenAsked(media, call.leg, digit);
    await ordinary(call);
    const entered = (await call.records())
      .filter((record) => record.type === 'node.entered')
      .map((record) => record.body.node);
    expect(entered).toEqual(['start', 'menu', 'more', 'menu', 'end']);
    expect(JSON.stringify(await call.records())).not.toMatch(/"value":\s*"[19]"/);
    expect(await worker.stop()).toBe(0);
  });

  it('are killed one after the other under forty calls, and no call, key or prompt is lost or repeated', async () => {
    const { media } = installation;
    let workers: CallsProcess[] = await Promise.all([installation.startCalls(), installation.startCalls()]);
    const calls = await Promise.all(Array.from({ length: 40 }, () => installation.inbound(keys)));
    const round = async (call: InboundCall): Promise<number> => {
      const pressed = await pressWhenAsked(media, call.leg, '1');
      await until(() => media.listens(call.leg), 60_000);
      return Date.now() - pressed;
    };
    // what a step takes on this machine now, with nobody killed
    const calm = percentile(await Promise.all(calls.map(round)), 0.95);
    const pauses: number[] = [];
    let killing = true;
    const killer = (async () => {
      for (let i = 0; i < 4; i += 1) {
        await new Promise((resume) => setTimeout(resume, 1200));
        await workers[i % 2]!.kill();
        workers = workers.with(i % 2, await installation.startCalls());
      }
      killing = false;
    })();
    await Promise.all(
      calls.map(async (call, i) => {
        await new Promise((resume) => setTimeout(resume, i * 20));
        do {
          pauses.push(await round(call));
          await new Promise((resume) => setTimeout(resume, 1000));
        } while (killing);
        await pressWhenAsked(media, call.leg, '9');
      }),
    );
    await killer;
    await Promise.all(calls.map(ordinary));
    // each press was one operation's answer, each operation was run once however often it was asked for
    const collects = media.started.filter((o) => o.input.command.kind === 'media.collect' && !o.again);
    const ran = collects.map((o) => o.input.command.op);
    expect(new Set(ran).size).toBe(ran.length);
    expect(percentile(pauses, 0.95)).toBeLessThan(1500 + 3 * calm);
    expect(Math.max(...pauses)).toBeLessThan(4500 + 6 * calm);
    await Promise.all(workers.map((one) => one.stop()));
  }, 180_000);

  it('take up what happened while no worker was there', async () => {
    const { media } = installation;
    const worker = await installation.startCalls();
    const call = await installation.inbound(keys);
    await until(() => media.listens(call.leg), 20_000);
    await worker.kill();
    media.press(call.leg, '1');
    await media.say(call.leg, { type: 'held' });
    await media.say(call.leg, { type: 'resumed' });
    await media.say(call.leg, hangupBody('remote'));
    const next = await installation.startCalls();
    await ordinary(call);
    const types = (await call.records()).map((record) => record.type);
    for (const type of ['input.collected', 'party.held', 'party.resumed', 'party.left']) expect(types).toContain(type);
    await next.stop();
  });
});
