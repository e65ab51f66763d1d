/** What the vendor's guide prints, as it prints it: samples byte for byte, tags in their order, and its contradictions as they were decided (X-nn). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { wireRequest } from '../src/conformance.ts';
import type { Notice } from '../src/contract.ts';
import { fakeHost } from '../src/fake-host.ts';
import type { PartnerHost } from '../src/host.ts';
import { readScript } from './script.ts';
import { Settings } from './settings.ts';
import { outcomeOf, SSN_EVENT, USER_EVENT } from './tables.ts';
import { failure, success } from './voispeed.codec.ts';
import { voispeed } from './voispeed.contract.ts';
import { SERVICES } from './voispeed.map.ts';

const settings = Settings.parse({ extendedLevel: true, notificationUrl: 'http://my_server/logger.php' });
const module = { id: 'm', name: 'Test', settings };
const ask = async (query: string, host: PartnerHost = fakeHost(), form = '') => {
  const method = form === '' ? 'GET' : 'POST';
  return (await voispeed.answer(wireRequest(method, `/PBX/seri_endpoint.php?${query}`, form), module, host)).body;
};
/** Tags below `<result>` (or below the first `inside`), in order, each once. */
const tagsOf = (body: string, inside?: string): string[] => {
  const text = inside ? new RegExp(`<${inside}>([\\s\\S]*?)</${inside}>`).exec(body)![1]! : body;
  return [...new Set([...text.matchAll(/<([a-z_0-9]+)>/g)].map(([, tag]) => tag!))];
};
const sample = (name: string): string =>
  (JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as { answer: string }).answer;

describe('envelopes', () => {
  it('are those of the guide, byte for byte', () => {
    expect(success([['request_id', '15652770917203']]).body).toBe(
      '<?xml version="1.0" encoding="UTF-8" ?>\n<result>\n<outcome>0</outcome>\n<request_id>15652770917203</request_id>\n</result>',
    );
    expect(failure('connection not found').body).toBe(
      '<?xml version="1.0" encoding="UTF-8" ?>\n<result>\n<outcome>1</outcome>\n<error>connection not found</error></result>',
    );
  });

  it('carry a request id of the printed form: seconds of now and four digits', async () => {
    const id = /<request_id>(\d+)</.exec(await ask('service=call_request&token=vostro_token&ext=35&number=187'))![1]!;
    expect(id).toMatch(new RegExp(`^${Math.floor(fakeHost().now() / 1000)}\\d{4}$`));
  });
});

describe('printed tags, in their order', () => {
  it.each([
    [
      'V-031',
      'user',
      'id name surname extension email chat_status av_status numoffice numhome nummobile numfax phrase',
    ],
    [
      'V-032',
      'group',
      'id name is_broadcast visible member_login pick_disabled ring_mode users user identity extension',
    ],
    ['V-033', 'gateway', 'id name type enabled link_status lines busy_lines host_port'],
    ['V-034', 'device', 'id user_agent device_type host_port registered'],
    ['V-036', 'voicemail', 'id vmid vmname vmcode vmtobelisten rectobelisten'],
    ['V-037', 'park_line', 'id linecode number name parktime status note user_id'],
    [
      'V-039',
      'call',
      'id start_time calling_id calling_type calling_number calling_desc called_id called_type called_number called_desc connected_id connected_type connected_desc recording external_id p2p codec',
    ],
  ])('%s', (row, inside, tags) => {
    expect(tagsOf(sample(row), inside)).toEqual(tags.split(' '));
  });

  it('V-035', () => {
    const node =
      'node_id parent_id description select_key go_back_key audio_type audio_message audio_loop input_type input_length term_char timeout_last_digit waiting_input_time action called_type called_id called_external_number script';
    expect(tagsOf(sample('V-035'), 'node')).toEqual(node.split(' '));
    expect(tagsOf(sample('V-035')).slice(0, 6)).toEqual(['result', 'outcome', 'ivrs', 'ivr', 'id', 'name']);
  });

  it('V-043, behind the id that makes a contact of use', async () => {
    const host = fakeHost();
    await ask('service=add_phonebook&name=Walter&mobile=333&is_favourite=1', host);
    const found = await ask('service=get_phonebook&search=walter', host);
    expect(tagsOf(found, 'contact')).toEqual(
      'contact_id name surname company office home mobile fax other email is_favourite'.split(' '),
    );
  });
});

const COORDINATES = { type: 'user', id: 'user-1', entityNumber: 1, number: '35', name: 'Anna' };
const OUTSIDE = { type: 'number', id: null, entityNumber: null, number: '187', name: '' };
const LEG = {
  party: 7001,
  role: 'calling',
  coordinates: COORDINATES,
  leg: 'l1',
  startedAt: Date.UTC(2024, 0, 31, 9, 15),
  answeredAt: Date.UTC(2024, 0, 31, 9, 15, 5),
  endedAt: Date.UTC(2024, 0, 31, 9, 16),
  cause: 'normal',
  trunk: null,
};
/** A host with one ended call of 35 to the outside, through gateway 2. */
const withHistory = (): PartnerHost => ({
  ...fakeHost(),
  history: async () => [
    {
      id: 'c',
      queueMs: 0,
      fromNumber: 6,
      cdr: {
        number: 7,
        externalId: 'calllog_1',
        startedAt: LEG.startedAt,
        endedAt: LEG.endedAt,
        connectedAt: LEG.answeredAt,
        cause: 'normal',
        calling: COORDINATES,
        called: OUTSIDE,
        connected: OUTSIDE,
        ...{ ringMs: 5000, holdMs: 0, ivrMs: 0, talkMs: 55_000 },
        legs: [LEG, { ...LEG, party: 7002, role: 'called', coordinates: OUTSIDE, trunk: { id: 't', number: 2 } }],
      } as never,
    },
  ],
});

describe('reports', () => {
  it('V-016: printed tags in order, between them our external_id', async () => {
    const report = await ask('service=get_user_call_report&token=t&ext=35', withHistory());
    expect(tagsOf(report, 'call')).toEqual(
      'id callid start_time answer_time duration outcome external_id direction my_number remote_number local_id group_name company surname name remote_company remote_surname remote_name'.split(
        ' ',
      ),
    );
    //
    expect(report).toContain('<outcome>0</outcome>\n<call>');
    expect(report).toContain('<external_id>calllog_1</external_id>\n<direction>out</direction>');
    expect(/<duration>\d+<\/duration>\n<outcome>(\d+)</.exec(report)![1]).toBe('1');
  });

  it('V-038: printed tags in order; in = entered, out = left through a gateway', async () => {
    const report = await ask('service=get_call_report&token=t', withHistory());
    expect(tagsOf(report, 'call')).toEqual(
      'id start_time duration outcome calling_id calling_type calling_number called_id called_type called_number connected_id connected_type connected_number ring_time hold_time ivr_time talk_time queue_time call_ref_id external_id gateway_in gateway_out internal'.split(
        ' ',
      ),
    );
    //
    expect(report).toContain('<call_ref_id>6</call_ref_id>');
    expect(report).toContain('<gateway_in>0</gateway_in>\n<gateway_out>1</gateway_out>\n<internal>0</internal>');
    expect(report).toContain('<called_id>2</called_id>\n<called_type>2</called_type>');
  });
});

describe('contradictions, as they were decided', () => {
  it('X-01: the printed example of the mode names call_action', async () => {
    for (const service of ['call_action', 'set_user_mode']) {
      const host = fakeHost();
      await ask(`service=${service}&token=567897655&ext=35&mode=2`, host);
      expect(host.asked).toEqual(['mode user-1 dnd -']);
    }
  });

  it('X-02, X-03, X-04, X-11: codes of events', () => {
    expect(SSN_EVENT).toEqual({
      ...{ call_in: 1, call_progress: 2, call_out: 3, call_response: 4, disconnect_in: 5, disconnect_out: 6 },
      ...{ call_transfer: 7, dtmf_out: 8, call_divert: 9, call_terminated: 10, call_held: 11, call_retrieved: 12 },
    });
    expect(USER_EVENT).toEqual({
      ...{ cmd_failed: 1, incoming_call: 8, outgoing_call: 9, new_voicemail: 10, lost_call: 12, call_answered: 14 },
      ...{ call_rejected: 15, call_disconnect_out: 16, call_disconnect_in: 17, call_transfer: 18 },
    });
    // those never sent may be ticked
    expect(() => Settings.parse({ userEvents: ['call_transfer'], extendedEvents: ['dtmf_out'] })).not.toThrow();
  });

  it.each(['recipient_call_id', 'recipient_local_id'])('X-05: replace_local_id with %s', async (name) => {
    for (const own of ['replace_local_id', 'replace_call_id']) {
      const host = fakeHost();
      const kept = `replace_com_id=3250&replace_type=0&replace_id=1&${own}=3250002`;
      const other = `recipient_com_id=3251&recipient_type=0&recipient_id=2&${name}=3251001`;
      expect(await ask(`service=call_transfer_ext&token=t&${kept}&${other}`, host)).toContain('<outcome>0</outcome>');
      expect(host.asked).toEqual([
        'control call-3250 {"kind":"join","callId":"call-3251","leg":"leg-3","replaces":"leg-2"}',
      ]);
    }
  });

  it.each([
    ['app_name', 'external_contact_id'],
    ['uc_app_name', 'uc_external_id'],
  ])('X-09: contacts of other applications by %s and %s', async (app, external) => {
    const host = fakeHost();
    const contact = [{ name: 'A', uc_app_name: 'HBO', uc_external_id: 'contact-1', nummobil2: '1', email: 'a@b' }];
    const form = new URLSearchParams({ contacts: JSON.stringify(contact), verbose_output: '1' }).toString();
    expect(await ask('service=phonebook_import_sync', host, form)).toContain('<uc_external_id>contact-1<');
    expect(await ask(`service=delete_phonebook&${app}=HBO&${external}=contact-1`, host)).toContain('<outcome>0<');
    expect(await host.contact({ scheme: 'HBO', value: 'contact-1' })).toBe(null);
  });

  it.each(['nummobil2', 'nummobile2'])('X-10: %s', async (name) => {
    const host = fakeHost();
    await ask(`service=add_phonebook&name=A&${name}=333`, host);
    expect((await host.contact({ number: 1 }))?.numbers).toEqual([{ kind: 'mobile2', number: '333' }]);
  });

  it('X-12, X-13: printed outputs of scripts, quoted or not; command 5 is 4', () => {
    const printed =
      "command=4\r\naudio_message=new_messagge\r\naudio_loop=0\r\ninput_length=6\r\ninput_timeout=30\r\nnode_action=3\r\nscript_url='new_url'\r\ntag=5";
    const wanted = { do: 'again', change: { message: 'new_messagge', script: 'new_url', tag: 5, waitMs: 30_000 } };
    expect(readScript(printed)).toMatchObject(wanted);
    expect(readScript(printed.replace('=4', '=5'))).toMatchObject(wanted);
    expect(readScript('')).toBe(null);
  });

  it('X-14: outcome comes first where the samples leave it out', async () => {
    for (const query of ['service=get_entities&entity_type=8', 'service=get_entities&entity_type=11'])
      expect(await ask(query)).toContain('<result>\n<outcome>0</outcome>\n');
    expect(await ask('service=get_phonebook&search=x')).toContain('<result>\n<outcome>0</outcome>\n');
  });

  it('X-15: call_req_ext is call_request_ext', () => {
    expect(SERVICES.get('call_req_ext')?.run).toBe(SERVICES.get('call_request_ext')?.run);
  });

  it('X-16: 4 of the called side, 12 of the calling side', () => {
    expect([outcomeOf('unavailable'), outcomeOf('unavailable', true)]).toEqual([4, 12]);
  });

  it('X-17: a parking line is free (2) or occupied (4); terminals are devices', async () => {
    const parked = { number: '0733', name: 'Fring', at: 0, by: 'user-1', note: 'the blue one' };
    const slot = { id: 's', number: 1, name: 'Park', extension: '792' };
    const lines = async (host: PartnerHost) => ask('service=get_entities&entity_type=11', host);
    expect(await lines({ ...fakeHost(), slots: async () => [{ ...slot, parked: null }] })).toContain('<status>2<');
    const occupied = await lines({ ...fakeHost(), slots: async () => [{ ...slot, parked }] });
    expect(occupied).toContain('<status>4</status>\n<note>the blue one</note>\n<user_id>1</user_id>');
    expect(sample('V-034')).toContain('<devices>\n<device>');
  });

  it('X-37: a positive answer means received: what fails later is told by an event', async () => {
    expect(tagsOf(await ask('service=call_terminate&call_id=3250'))).toEqual(['result', 'outcome', 'request_id']);
  });

  it('X-42: extid of requests and events is external_id in XML', async () => {
    const host = fakeHost();
    await ask('service=call_request&ext=35&number=187&extid=calllog_1', host);
    expect(host.asked[0]).toContain('calllog_1');
    expect(await ask('service=get_current_calls&extid=log-1')).toContain('<external_id>log-1</external_id>');
  });
});

describe('the logger of the guide (Hello world)', () => {
  it.each([
    ['outgoing_call', 'event_type=2&event=9&event_name=outgoing_call&ext=35'],
    ['call_answered', 'event_type=2&event=14&event_name=call_answered&ext=35'],
    ['call_disconnect_out', 'event_type=2&event=16&event_name=call_disconnect_out&ext=35'],
  ])('%s begins with the printed line', (event, line) => {
    const params = [
      ['ext', '35'],
      ['call_id', '3250'],
      ['extid', ''],
    ] as const;
    const notice: Notice = { row: 'V-017', level: 'user', event, extension: '35', moduleId: null, params };
    expect(voispeed.events.url(settings, notice)).toBe(`http://my_server/logger.php?${line}&call_id=3250`);
  });
});
