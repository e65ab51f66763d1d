import { describe, expect, it } from 'vitest';
import { contactOf, readDiversions, writeDiversions } from './diversion.ts';

const message = (headers: Record<string, string>) => ({ get: (name: string) => headers[name] });

describe('forwardings before the call', () => {
  it('are read from Diversion, the oldest first', () => {
    const diversion = '"Bob" <sip:102@pbx.example>;reason=user-busy;counter=1, <tel:+3902555>;reason=unconditional';
    expect(readDiversions(message({ diversion }))).toEqual([
      { number: '+3902555', reason: 'unconditional' },
      { number: '102', reason: 'user-busy' },
    ]);
  });

  it('are read from History-Info where there is no Diversion; its last entry is the call itself', () => {
    const history = '<sip:101@a.example>;index=1, <sip:102@a.example?Reason=SIP%3Bcause%3D486>;index=1.1';
    expect(readDiversions(message({ 'history-info': history }))).toEqual([{ number: '101', reason: 'unknown' }]);
  });

  it('are none where nothing can be read, and never more than twenty', () => {
    for (const diversion of ['', 'nonsense', '<>', '<sip:@x>', '<mailto:a@b>']) {
      expect(readDiversions(message({ diversion }))).toEqual([]);
    }
    const many = Array.from({ length: 40 }, (_, i) => `<sip:${i}@x>`).join(',');
    expect(readDiversions(message({ diversion: many }))).toHaveLength(20);
  });

  it('come back as they were written', () => {
    const headers = writeDiversions(
      [
        { number: '101', reason: 'always' },
        { number: 'sip:desk@pbx.example', reason: 'no-answer' },
      ],
      '102',
    );
    expect(readDiversions(message({ diversion: headers.Diversion! }))).toEqual([
      { number: '101', reason: 'unconditional' },
      { number: 'desk', reason: 'no-answer' },
    ]);
    expect(headers['History-Info']).toBe(
      '<sip:101@localhost>;index=1, <sip:desk@localhost>;index=1.1, <sip:102@localhost>;index=1.1.1',
    );
    expect(writeDiversions([], '102')).toEqual({});
  });

  it('cannot break out of their header', () => {
    const headers = writeDiversions([{ number: '1\r\nX: y', reason: 'x\r\nY: z' }], '>,<sip:a@b');
    expect(JSON.stringify(headers)).not.toMatch(/\\r|\\n/);
    expect(headers.Diversion).toContain('reason=unknown');
  });
});

describe('where a 302 sends the call', () => {
  it('is its first contact', () => {
    expect(contactOf(message({ contact: '<sip:103@host>;q=0.9, <sip:104@host>' }))).toBe('sip:103@host');
    expect(contactOf(message({}))).toBe(null);
    expect(contactOf(undefined)).toBe(null);
  });
});
