/** The pool by hand, and as a model: nobody is granted twice, nothing is forgotten, whatever the order of messages. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PoolMessage } from '../../protocol/index.ts';
import { ALIVE_MS, CONFIRM_MS, startPool, stepPool } from './pool.ts';
import type { PoolCommand, PoolEvent, PoolState } from './protocol.ts';

const CALLS = ['0198c0de-0000-7000-8000-00000000000a', '0198c0de-0000-7000-8000-00000000000b'];

function pool(occupations: { userId: string; grants: { grant: string; callId: string }[] }[] = []) {
  const first = startPool({ type: 'pool.start', at: 1000, companyId: 'c', occupations });
  let state: PoolState = first.state;
  let at = 1000;
  let sent = 0;
  const log: PoolCommand[] = [...first.commands];
  const step = (event: PoolEvent): PoolCommand[] => {
    const next = stepPool(state, event);
    expect(stepPool(JSON.parse(JSON.stringify(state)), event)).toEqual(next);
    state = next.state;
    log.push(...next.commands);
    return [...next.commands];
  };
  type Part<M> = M extends PoolMessage ? Omit<M, 'id' | 'callId'> : never;
  let last: PoolEvent | null = null;
  const tell = (call: number, message: Part<PoolMessage>): PoolCommand[] => {
    sent += 1;
    last = { type: 'message', at, message: { ...message, id: `m${sent}`, callId: CALLS[call]! } as PoolMessage };
    return step(last);
  };
  return {
    log,
    state: () => state,
    step,
    tell,
    /** The last message once more: it must change nothing. */
    repeat: () => (last ? step({ ...last, at }) : []),
    pass: (ms: number) => {
      at += ms;
      return at;
    },
    request: (
      call: number,
      request: string,
      candidates: string[],
      more: Partial<Extract<PoolMessage, { type: 'pool.request' }>> = {},
    ) =>
      replies(
        tell(call, {
          type: 'pool.request',
          request,
          candidates,
          want: 'one',
          order: 'given',
          rotation: null,
          seed: 5,
          allowBusy: false,
          ...more,
        }),
      ),
  };
}

const replies = (commands: PoolCommand[]) =>
  commands.flatMap((one) => (one.kind === 'pool.reply' ? [{ callId: one.callId, ...one.message }] : []));
const stores = (commands: PoolCommand[]) => commands.filter((one) => one.kind === 'pool.store');
const granted = (commands: PoolCommand[]) =>
  replies(commands).flatMap((one) => (one.type === 'pool.grant' ? [one] : []));

describe('the pool', () => {
  it('grants one at a time and goes on when asked', () => {
    const p = pool();
    const [first] = p.request(0, 'r', ['ann', 'bob']);
    expect(first).toMatchObject({ type: 'pool.grant', userId: 'ann', request: 'r' });
    const grant = first?.type === 'pool.grant' ? first.grant : '';
    expect(p.tell(0, { type: 'pool.confirm', grant })).toEqual([]);
    const [second] = granted(p.tell(0, { type: 'pool.next', request: 'r', grant }));
    expect(second?.userId).toBe('bob');
    const after = replies(p.tell(0, { type: 'pool.next', request: 'r', grant: second!.grant }));
    expect(after).toMatchObject([{ type: 'pool.none', exhausted: true }]);
    expect(p.state().users).toEqual({});
  });

  it('lets a request stand and serves the older one first', () => {
    const p = pool([{ userId: 'ann', grants: [{ grant: 'g0', callId: CALLS[0]! }] }]);
    expect(p.request(0, 'old', ['ann'])).toMatchObject([{ type: 'pool.none', exhausted: false }]);
    expect(p.request(1, 'new', ['ann'])).toMatchObject([{ type: 'pool.none', exhausted: false }]);
    expect(granted(p.tell(0, { type: 'pool.return', grant: 'g0' }))).toMatchObject([{ request: 'old', userId: 'ann' }]);
  });

  it('lets a request stand for a moment before it says that nobody is free', () => {
    const p = pool([{ userId: 'ann', grants: [{ grant: 'g0', callId: CALLS[0]! }] }]);
    expect(p.request(0, 'r', ['ann'], { patienceMs: 1_000 })).toEqual([]);
    p.pass(999);
    expect(granted(p.tell(0, { type: 'pool.return', grant: 'g0' }))).toMatchObject([{ request: 'r', userId: 'ann' }]);
    expect(p.request(1, 's', ['ann'], { patienceMs: 1_000 })).toEqual([]);
    const timer = p.state().lookTimer!.timer;
    expect(replies(p.step({ type: 'timer.fired', at: p.pass(1_000), timer }))).toMatchObject([
      { type: 'pool.none', request: 's', exhausted: false },
    ]);
    expect(replies(p.tell(0, { type: 'pool.withdraw', request: 'r' }))).toMatchObject([
      { type: 'pool.grant', request: 's' },
    ]);
  });

  it('grants all free candidates, and those that become free, each once', () => {
    const p = pool([{ userId: 'cid', grants: [{ grant: 'g0', callId: CALLS[1]! }] }]);
    const first = p.request(0, 'r', ['ann', 'bob', 'cid'], { want: 'all' });
    expect(first.map((one) => 'userId' in one && one.userId)).toEqual(['ann', 'bob']);
    const back = first[0]?.type === 'pool.grant' ? first[0].grant : '';
    expect(granted(p.tell(0, { type: 'pool.return', grant: back }))).toEqual([]);
    expect(granted(p.tell(1, { type: 'pool.return', grant: 'g0' }))).toMatchObject([{ userId: 'cid' }]);
  });

  it('rotates per group and draws from the seed', () => {
    const p = pool();
    const order = { order: 'round-robin' as const, rotation: 'sales' };
    const users = ['a', 'b', 'c'].map((_, i) => {
      const [one] = p.request(0, `r${i}`, ['a', 'b', 'c'], order);
      const grant = one?.type === 'pool.grant' ? one : null;
      p.tell(0, { type: 'pool.withdraw', request: `r${i}` });
      return grant?.userId;
    });
    expect(users).toEqual(['a', 'b', 'c']);
    const drawn = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      const [one] = p.request(0, `s${seed}`, ['a', 'b', 'c'], { order: 'random', seed });
      p.tell(0, { type: 'pool.withdraw', request: `s${seed}` });
      return one?.type === 'pool.grant' ? one.userId : '';
    });
    expect(new Set(drawn).size).toBeGreaterThan(1);
  });

  it('takes an unconfirmed grant back after its time and tells the call, also when it comes late', () => {
    const p = pool();
    const [first] = p.request(0, 'r', ['ann']);
    const grant = first?.type === 'pool.grant' ? first.grant : '';
    const timer = p.state().confirmTimer!;
    const taken = p.step({ type: 'timer.fired', at: p.pass(CONFIRM_MS), timer });
    expect(replies(taken)).toMatchObject([
      { type: 'pool.revoked', grant },
      { type: 'pool.none', exhausted: true },
    ]);
    expect(replies(p.tell(0, { type: 'pool.confirm', grant }))).toMatchObject([{ type: 'pool.revoked', grant }]);
  });

  it('asks about the calls it serves and forgets what ended ones held', () => {
    const p = pool();
    p.request(0, 'r', ['ann']);
    p.request(1, 's', ['ann']);
    const asked = p.step({ type: 'timer.fired', at: p.pass(ALIVE_MS), timer: p.state().aliveTimer! });
    const ask = asked.find((one) => one.kind === 'pool.ask-calls');
    expect(ask).toMatchObject({ callIds: CALLS });
    const freed = p.step({ type: 'calls.ended', at: p.pass(5), op: 'x', callIds: [CALLS[0]!] });
    expect(granted(freed)).toMatchObject([{ request: 's', userId: 'ann' }]);
  });

  it('lets call waiting ring a user who talks, but nobody who is being offered', () => {
    const p = pool();
    p.tell(1, { type: 'pool.occupy', grant: 'own', userId: 'ann' });
    expect(p.request(0, 'r', ['ann'])).toMatchObject([{ type: 'pool.none' }]);
    expect(p.request(0, 'w', ['ann'], { allowBusy: true })).toMatchObject([{ type: 'pool.grant', userId: 'ann' }]);
    expect(p.request(1, 'x', ['ann'], { allowBusy: true })).toMatchObject([{ type: 'pool.none' }]);
  });

  it('writes a row per change, numbered, and is rebuilt from them', () => {
    const p = pool();
    p.request(0, 'r', ['ann']);
    const stores = p.log.filter((one) => one.kind === 'pool.store');
    expect(stores).toMatchObject([{ number: 1, occupations: [{ userId: 'ann', grants: [{ callId: CALLS[0] }] }] }]);
    const again = pool(stores[0]?.kind === 'pool.store' ? stores[0].occupations : []);
    expect(again.request(1, 's', ['ann'])).toMatchObject([{ type: 'pool.none', exhausted: false }]);
  });

  it('writes who waits at once, what became of him with the next change, and goes on from there', () => {
    const p = pool([{ userId: 'ann', grants: [{ grant: 'g0', callId: CALLS[1]! }] }]);
    const waits = p.tell(0, {
      type: 'pool.request',
      request: 'r',
      candidates: ['ann'],
      want: 'one',
      order: 'given',
      rotation: null,
      seed: 1,
      allowBusy: false,
    });
    const [store] = waits.filter((one) => one.kind === 'pool.store');
    expect(store).toMatchObject({ occupations: [], requests: [{ request: 'r', standing: { callId: CALLS[0] } }] });
    const requests = store!.requests!.map((one) => one.standing!);
    expect(stores(p.tell(0, { type: 'pool.withdraw', request: 'r' }))).toEqual([]);
    const [after] = stores(p.tell(1, { type: 'pool.return', grant: 'g0' }));
    expect(after).toMatchObject({ occupations: [{ userId: 'ann', grants: [] }], requests: [{ request: 'r' }] });
    expect(after!.requests).toEqual([{ request: 'r', standing: null }]);
    // rebuilt from rows that had not heard of the withdrawal: the grant is the call's to give back
    const again = startPool({ type: 'pool.start', at: 5, companyId: 'c', occupations: [], requests });
    expect(again.commands).toMatchObject([
      { kind: 'pool.reply', callId: CALLS[0], message: { type: 'pool.grant', userId: 'ann', request: 'r' } },
      { kind: 'pool.store', number: 1, requests: [{ request: 'r', standing: { tried: ['ann'] } }] },
      { kind: 'timer.start' },
      { kind: 'timer.start' },
    ]);
    expect(requests[0]!.tried).toEqual([]);
  });

  it('never grants a user twice, in any order of messages', () => {
    const users = ['a', 'b', 'c'];
    const action = fc.record({
      what: fc.constantFrom('request', 'confirm', 'next', 'return', 'withdraw', 'repeat', 'confirm-timer', 'dead'),
      call: fc.integer({ min: 0, max: 1 }),
      pick: fc.integer({ min: 0, max: 1000 }),
      all: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const p = pool();
        const grants: { grant: string; request: string; call: number }[] = [];
        let requests = 0;
        for (const { what, call, pick, all } of actions) {
          const held = grants[pick % Math.max(1, grants.length)];
          let out: PoolCommand[] = [];
          const base = { order: 'given' as const, rotation: null, seed: pick, allowBusy: false };
          if (what === 'request') {
            requests += 1;
            const candidates = users.slice(pick % 3).concat(users.slice(0, pick % 3));
            const want = all ? 'all' : 'one';
            out = p.tell(call, { type: 'pool.request', request: `r${requests}`, candidates, want, ...base });
          } else if (what === 'withdraw') {
            out = p.tell(call, { type: 'pool.withdraw', request: `r${(pick % Math.max(1, requests)) + 1}` });
          } else if (what === 'confirm-timer') {
            const timer = p.state().confirmTimer;
            if (timer) out = p.step({ type: 'timer.fired', at: p.pass(CONFIRM_MS), timer });
          } else if (what === 'dead') {
            out = p.step({ type: 'calls.ended', at: p.pass(1), op: 'x', callIds: [CALLS[call]!] });
          } else if (what === 'repeat') expect(p.repeat()).toEqual([]);
          else if (held && what === 'confirm') out = p.tell(held.call, { type: 'pool.confirm', grant: held.grant });
          else if (held && what === 'next')
            out = p.tell(held.call, { type: 'pool.next', request: held.request, grant: held.grant });
          else if (held && what === 'return') out = p.tell(held.call, { type: 'pool.return', grant: held.grant });
          for (const one of granted(out)) {
            grants.push({ grant: one.grant, request: one.request, call: CALLS.indexOf(one.callId) });
          }
          for (const occupations of Object.values(p.state().users)) expect(occupations.length).toBe(1);
        }
        for (const callId of CALLS) p.step({ type: 'calls.ended', at: p.pass(1), op: 'x', callIds: [callId] });
        expect(p.state().users).toEqual({});
        expect(p.state().requests).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
