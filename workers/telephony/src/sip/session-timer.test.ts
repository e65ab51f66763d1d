import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerSession, offerSession, readMinSe, readSessionAnswer, runSession } from './session-timer.ts';

const wish = { sessionSeconds: 1800, minSessionSeconds: 90 };
const none = { sessionExpires: undefined, minSe: undefined, supported: undefined };

describe('as UAS', () => {
  it('refreshes by itself where the far end knows no timers', () => {
    const answer = answerSession(none, wish);
    expect(answer).toMatchObject({ ok: true, terms: { intervalSeconds: 1800, weRefresh: true } });
    expect(answer.ok && answer.headers).toEqual({ 'Session-Expires': '1800;refresher=uas' });
  });
  it('lets a far end that knows them refresh, and requires it to', () => {
    const answer = answerSession({ ...none, sessionExpires: '600', supported: 'replaces, timer' }, wish);
    expect(answer).toMatchObject({ ok: true, terms: { intervalSeconds: 600, weRefresh: false } });
    expect(answer.ok && answer.headers).toEqual({ 'Session-Expires': '600;refresher=uac', Require: 'timer' });
  });
  it('takes the refresher the far end names', () => {
    expect(answerSession({ ...none, sessionExpires: '600;refresher=uas', supported: 'timer' }, wish)).toMatchObject({
      terms: { weRefresh: true },
    });
  });
  it('refuses an interval that is too small and never goes below Min-SE', () => {
    expect(answerSession({ ...none, sessionExpires: '30' }, wish)).toEqual({ ok: false, minSeSeconds: 90 });
    expect(answerSession({ ...none, minSe: '3600' }, wish)).toMatchObject({ terms: { intervalSeconds: 3600 } });
  });
});

describe('as UAC', () => {
  it('offers, and reads who refreshes', () => {
    expect(offerSession(wish)).toEqual({ 'Session-Expires': '1800', 'Min-SE': '90' });
    expect(offerSession(wish, 3600)).toEqual({ 'Session-Expires': '3600', 'Min-SE': '3600' });
    expect([readMinSe('3600'), readMinSe('999999999'), readMinSe('x'), readMinSe(undefined)]).toEqual([
      3600, 86_400, 3600, 3600,
    ]);
    expect(readSessionAnswer('600;refresher=uas', wish)).toEqual({ intervalSeconds: 600, weRefresh: false });
    expect(readSessionAnswer('600;refresher=uac', wish)).toEqual({ intervalSeconds: 600, weRefresh: true });
    expect(readSessionAnswer(undefined, wish)).toEqual({ intervalSeconds: 1800, weRefresh: true });
    expect(readSessionAnswer('1', wish).intervalSeconds).toBe(90);
  });
});

describe('the running timer', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('refreshes at half the interval, again and again', () => {
    const on = { refresh: vi.fn(), expire: vi.fn() };
    const timer = runSession({ intervalSeconds: 100, weRefresh: true }, on);
    vi.advanceTimersByTime(50_000);
    expect(on.refresh).toHaveBeenCalledTimes(1);
    timer.restart();
    vi.advanceTimersByTime(50_000);
    expect(on.refresh).toHaveBeenCalledTimes(2);
    expect(on.expire).not.toHaveBeenCalled();
    timer.stop();
  });

  it('expires when the far end does not refresh in time', () => {
    const on = { refresh: vi.fn(), expire: vi.fn() };
    const timer = runSession({ intervalSeconds: 90, weRefresh: false }, on);
    vi.advanceTimersByTime(50_000);
    timer.restart();
    vi.advanceTimersByTime(59_000);
    expect(on.expire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(on.expire).toHaveBeenCalledTimes(1);
    timer.stop();
  });
});
