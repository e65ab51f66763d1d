import { describe, expect, it } from 'vitest';
import { readScript, scriptUrl } from './script.ts';
import { Settings } from './settings.ts';

const question = {
  address: 'http://server_web_url/logger_ivr.php',
  company: 7,
  flow: 9,
  node: 0,
  call: 10724,
  calling: '35',
  called: '12345',
  input: '1',
  tag: -1,
};

describe('what a script is asked (V-066)', () => {
  it('is the printed line', () => {
    const settings = Settings.parse({ licenseId: 'MP3026487718', domain: 'almach1.it' });
    expect(scriptUrl(settings, question)).toBe(
      'http://server_web_url/logger_ivr.php?license_id=MP3026487718&domain=almach1.it&ivrid=9&nodeid=0&callid=10724&calling=35&called=12345&input=1&tag=-1',
    );
  });

  it('stands behind what the address has, names every parameter, and is encoded', () => {
    const url = scriptUrl(Settings.parse({}), {
      ...question,
      address: 'http://x/s.php?key=a#b',
      input: '',
      calling: '+39 1&2',
    });
    expect(url).toBe(
      'http://x/s.php?key=a&license_id=7&domain=&ivrid=9&nodeid=0&callid=10724&calling=%2B39+1%262&called=12345&input=&tag=-1',
    );
  });
});

describe('what a script answers (V-067…V-073)', () => {
  it.each([
    ['command=0', { do: 'end' }],
    ['command=1\r\nnode_key=2', { do: 'next', key: '2' }],
    ['command=2\r\nrecipient_number=385', { do: 'transfer', to: { number: '385' }, shown: null }],
    [
      'command=3\r\nrecipient_number=073333655434\r\nrecipient_id=5\r\nrecipient_type=1',
      {
        do: 'transfer',
        to: { types: ['ring-group'], number: 5, dialled: '073333655434' },
        shown: '073333655434',
      },
    ],
    [
      'command=4\r\naudio_message=new_message.wav\r\naudio_loop=0\r\ninput_length=6\r\ninput_timeout=10\r\nnode_action=3\r\nscript_url=new_url\r\ntag=5',
      {
        do: 'again',
        change: {
          message: 'new_message.wav',
          loop: false,
          inputLength: 6,
          waitMs: 10_000,
          action: 'script',
          script: 'new_url',
          tag: 5,
        },
      },
    ],
    [
      "command=4\naudio_message=new_messagge\naudio_loop=0\ninput_length=6\ninput_timeout=30\nnode_action=3\nscript_url='new_url'\ntag=5",
      {
        do: 'again',
        change: {
          message: 'new_messagge',
          loop: false,
          inputLength: 6,
          waitMs: 30_000,
          action: 'script',
          script: 'new_url',
          tag: 5,
        },
      },
    ],
  ])('printed: %j', (body, instruction) => {
    expect(readScript(body)).toEqual(instruction);
  });

  it.each([
    ['\ufeffcommand=0\n', { do: 'end' }],
    ['\r\n  Command = 1 \r NODE_KEY = "7" \r', { do: 'next', key: '7' }],
    ['node_key=*\ncommand=1\nmore=x', { do: 'next', key: '*' }],
    [
      'command=3\nrecipient_type=1\nrecipient_id=1000002',
      { do: 'transfer', to: { types: ['queue'], number: 2, dialled: '' }, shown: null },
    ],
    ['command=5\ntag=3', { do: 'again', change: { tag: 3 } }],
    [
      'command=4\ninput_type=3\ntimeout_last_digit=2\nterm_char=#',
      { do: 'again', change: { input: 'pause', pauseMs: 2000, terminator: '#' } },
    ],
    [
      'command=4\nnode_action=2\ncalled_type=0\ncalled_id=4',
      { do: 'again', change: { action: 'call', target: { types: ['user'], number: 4, dialled: '' } } },
    ],
    [
      'command=4\nnode_action=2\ncalled_external_number=+39 02 1',
      { do: 'again', change: { action: 'call', target: { number: '+39021' } } },
    ],
  ])('tolerated: %j', (body, instruction) => {
    expect(readScript(body)).toEqual(instruction);
  });

  it.each([
    '',
    'TRUE',
    '<html>\ncommand=0\n</html>',
    'command=9',
    'command=1',
    'command=1\nnode_key=abc',
    'command=2',
    'command=2\nrecipient_number=abc',
    'command=3\nrecipient_id=5',
    'command=3\nrecipient_id=5\nrecipient_type=99',
    'command=4\naudio_loop=7',
    'command=4\ninput_length=0',
    'command=4\ninput_length=1e9',
    'command=4\nnode_action=9',
    'command=4\ncalled_type=0',
    'command=4\nscript_url=a b',
    `command=4\naudio_message=${'x'.repeat(300)}`,
    'command=4\ntag=x',
  ])('wrong, so the call ends: %j', (body) => {
    expect(readScript(body)).toBe(null);
  });
});
