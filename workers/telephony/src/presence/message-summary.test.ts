import { describe, expect, it } from 'vitest';
import { readMessageSummary, writeMessageSummary } from './message-summary.ts';

const NONE = { waiting: false, fresh: 0, old: 0, freshUrgent: 0, oldUrgent: 0 };

describe('a message summary', () => {
  it('is read with all it counts', () => {
    expect(
      readMessageSummary(
        'Messages-Waiting: yes\r\nMessage-Account: sip:alice@vmail.example.com\r\nVoice-Message: 2/8 (1/2)\r\nFax-Message: 1/0\r\n\r\nTo: <sip:x@h>\r\n',
      ),
    ).toEqual({ summary: { waiting: true, fresh: 2, old: 8, freshUrgent: 1, oldUrgent: 2 }, account: 'alice' });
    expect(readMessageSummary('messages-waiting : NO\nvoice-message:0/3\n')).toEqual({
      summary: { ...NONE, old: 3 },
      account: '',
    });
    expect(readMessageSummary('Messages-Waiting: yes\r\nMessage-Account: <sip:101@h>\r\n')).toEqual({
      summary: { ...NONE, waiting: true },
      account: '101',
    });
  });

  it('counts no further than anybody has', () => {
    expect(readMessageSummary(`Messages-Waiting: yes\r\nVoice-Message: ${'9'.repeat(40)}/0\r\n`)?.summary.fresh).toBe(
      999_999,
    );
  });

  it.each([
    '',
    'hello',
    'Voice-Message: 1/0\r\n',
    'Messages-Waiting: maybe\r\n',
    'Messages-Waiting: yes\r\nVoice-Message: -1/0\r\n',
    'Messages-Waiting: yes\r\nVoice-Message: 1\r\n',
    'Messages-Waiting: yes\r\nVoice-Message: 1/0 (x/0)\r\n',
    `Messages-Waiting: yes\r\n${'A: b\r\n'.repeat(200)}`,
    `Messages-Waiting: yes\r\nVoice-Message: 1/${' '.repeat(5000)}x\r\n`,
  ])('is nothing else: %#', (body) => {
    expect(readMessageSummary(body)).toBeNull();
  });

  it('is read as it was written', () => {
    const summary = { waiting: true, fresh: 4, old: 1, freshUrgent: 2, oldUrgent: 0 };
    expect(readMessageSummary(writeMessageSummary('sip:7@h', summary))).toEqual({ summary, account: '7' });
    const uncounted = { ...NONE, waiting: true };
    expect(writeMessageSummary('sip:7@h', uncounted)).not.toContain('Voice-Message');
    expect(readMessageSummary(writeMessageSummary('sip:7@h', uncounted))?.summary).toEqual(uncounted);
  });
});
