import { expect, it } from 'vitest';
import { logFile } from './log-line.ts';

it('writes lines as the sample does', () => {
  const lines = [
    { at: '2005-08-15T15:52:01.250Z', text: 'event_type=2&event=9&event_name=outgoing_call&ext=35' },
    { at: '2005-08-05T05:02:01.000Z', text: '' },
  ];
  expect(logFile(lines)).toBe(
    'Mon, 15 Aug 2005 15:52:01 +0000 event_type=2&event=9&event_name=outgoing_call&ext=35\r\nFri, 05 Aug 2005 05:02:01 +0000 \r\n',
  );
});
