import { describe, expect, it } from 'vitest';
import type { SipMessage } from '../sip/drachtio.ts';
import { nextRegisterMs, readRegister } from './registration.ts';

const response = (status: number, headers: Record<string, string> = {}) =>
  ({ status, get: (name: string) => headers[name] }) as unknown as SipMessage;

describe('the answer to a REGISTER', () => {
  it('grants the time of our own binding, else that of all, else what was asked', () => {
    const contact = '<sip:other@h>;expires=60, <sip:tok@h:5060>;expires=90';
    expect(readRegister(response(200, { contact, expires: '30' }), 'tok', 3600)).toEqual({
      outcome: 'registered',
      seconds: 90,
      serviceRoute: null,
    });
    expect(readRegister(response(200, { expires: '30' }), 'tok', 3600)).toMatchObject({
      outcome: 'registered',
      seconds: 30,
    });
    expect(readRegister(response(200), 'tok', 3600)).toMatchObject({ outcome: 'registered', seconds: 3600 });
    expect(readRegister(response(200, { expires: 'x' }), 'tok', 3600)).toMatchObject({
      outcome: 'registered',
      seconds: 3600,
    });
  });
  it.each([
    ['<sip:a@p1;lr>, "x" <sip:p2;lr>;ext=1', '<sip:a@p1;lr>, <sip:p2;lr>'],
    ['<tel:+391>', null],
    ['<sip:p1;lr>, <mailto:x@y>', null],
    ['nonsense', null],
    [Array.from({ length: 6 }, () => '<sip:p;lr>').join(','), null],
  ])('names a route: %s', (value, serviceRoute) => {
    expect(readRegister(response(200, { 'service-route': value }), 'tok', 60)).toMatchObject({ serviceRoute });
  });
  it('asks for a longer time once only', () => {
    expect(readRegister(response(423, { 'min-expires': '7200' }), 'tok', 3600)).toEqual({
      outcome: 'brief',
      minSeconds: 7200,
    });
    expect(readRegister(response(423, { 'min-expires': '60' }), 'tok', 3600)).toMatchObject({ outcome: 'refused' });
  });
  it('is a refusal, or silence', () => {
    expect(readRegister(response(503, { 'retry-after': '120' }), 'tok', 60)).toEqual({
      outcome: 'refused',
      status: 503,
      retryAfterMs: 120_000,
    });
    expect(readRegister(response(408), 'tok', 60)).toEqual({ outcome: 'silent' });
    expect(readRegister(null, 'tok', 60)).toEqual({ outcome: 'silent' });
  });
});

describe('the next REGISTER', () => {
  it('goes out well before the binding ends', () => {
    expect(nextRegisterMs({ outcome: 'registered', seconds: 3600, serviceRoute: null }, 0, 0)).toBe(3_540_000);
    expect(nextRegisterMs({ outcome: 'registered', seconds: 60, serviceRoute: null }, 0, 0)).toBe(30_000);
    expect(nextRegisterMs({ outcome: 'registered', seconds: 1, serviceRoute: null }, 0, 0)).toBe(1000);
  });
  it('waits twice as long after each failure, to a limit, as long as was asked, and long for one who refuses us', () => {
    const after = (failures: number) => nextRegisterMs({ outcome: 'silent' }, failures, 0.5);
    expect([after(1), after(2), after(3), after(50)]).toEqual([5000, 10_000, 20_000, 300_000]);
    expect(nextRegisterMs({ outcome: 'refused', status: 503, retryAfterMs: 600_000 }, 1, 0.5)).toBe(600_000);
    expect(nextRegisterMs({ outcome: 'refused', status: 403, retryAfterMs: null }, 2, 0.5)).toBe(60_000);
    expect(nextRegisterMs({ outcome: 'silent' }, 1, 0)).toBe(4000);
  });
});
