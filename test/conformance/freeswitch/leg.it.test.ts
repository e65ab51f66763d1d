/** The leg between drachtio-fsmrf and the media server, its SDP and its end: wire-protocols §B3.5, §B5, §B6. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sine, toneShare } from '../../phone/audio.ts';
import { connectFarEnd, offer, sleep, until } from './far-end.ts';
import { nextEvent, PAIRS, type PairUnderTest } from './pair-under-test.ts';

describe.for(PAIRS)('$name', ({ skip, start }) => {
  describe.skipIf(skip)('leg', () => {
    let pair: PairUnderTest;
    beforeAll(async () => {
      pair = await start();
    });
    afterAll(() => pair.close());

    it('B5 the answer has the chosen codec and telephone-event with the offered number, nothing else', async () => {
      const far = await connectFarEnd(pair.ms, false, { payloads: '8 0 96', keyPayload: 96 });
      const sdp = far.endpoint.local.sdp;
      expect(/m=audio \d+ RTP\/AVP 8 96\r?\n/.test(sdp)).toBe(true);
      expect(sdp).toMatch(/a=rtpmap:96 telephone-event\/8000/);
      expect(far.endpoint.dtmfType).toBe('rfc2833');
      await far.close();
    });

    it('B5 a stream it cannot handle is declined with port 0, in its place', async () => {
      const video = 'm=video 40000 RTP/AVP 97\r\na=rtpmap:97 H264/90000';
      const far = await connectFarEnd(pair.ms, false, { extra: video });
      expect(far.endpoint.local.sdp).toMatch(/m=audio [1-9]\d* .*\r?\n[\s\S]*m=video 0 /);
      await far.close();
    });

    it('B5 nothing in common: 488', async () => {
      const sdp = offer(40_000)
        .replace(/m=audio.*/, 'm=audio 40000 RTP/AVP 99')
        .replace('a=rtpmap:0 PCMU/8000', 'a=rtpmap:99 x-nothing/8000');
      await expect(pair.ms.createEndpoint({ remoteSdp: sdp })).rejects.toMatchObject({ status: 488 });
    });

    it('B5 3pcc: an INVITE without body is offered our audio; modify gives it a far end', async () => {
      const endpoint = await pair.ms.createEndpoint();
      expect(endpoint.local.sdp).toMatch(/m=audio \d+ RTP\/AVP/);
      const far = await connectFarEnd(pair.ms, false);
      await endpoint.modify(far.sdp);
      const playing = endpoint.play('tone_stream://%(500,0,800)');
      await playing;
      await until('the tone', () => toneShare(far.rtp.heard().subarray(0, 1600), 800) > 0.8);
      await endpoint.destroy();
      await far.close();
    });

    it('B4 DTMF by SIP INFO: both body types become events and reach a running application', async () => {
      const far = await connectFarEnd(pair.ms, true);
      const keys: { dtmf: string; duration: string }[] = [];
      far.endpoint.on('dtmf', (event) => keys.push(event));
      const collecting = far.endpoint.playCollect({ file: 'silence_stream://100', min: 2, max: 2, timeout: 3000 });
      await sleep(200);
      const info = (type: string, body: string) =>
        far.endpoint.dialog.request({ method: 'INFO', headers: { 'Content-Type': type }, body });
      expect((await info('application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n')).status).toBe(200);
      expect((await info('application/dtmf', '9')).status).toBe(200);
      expect((await collecting).digits).toBe('59');
      expect(keys[0]).toMatchObject({ dtmf: '5', duration: '1280' });
      await far.close();
    });

    it('B5 hold and resume by re-INVITE: nothing is sent while held', async () => {
      const far = await connectFarEnd(pair.ms, true);
      const playing = far.endpoint.play('tone_stream://%(4000,0,500)');
      await sleep(200);
      await far.endpoint.modify(offer(far.port, { direction: 'inactive' }));
      await sleep(100);
      const held = far.rtp.arrivals.length;
      await sleep(300);
      expect(far.rtp.arrivals.length - held).toBeLessThanOrEqual(1);
      await far.endpoint.modify(far.sdp);
      await sleep(300);
      expect(far.rtp.arrivals.length - held).toBeGreaterThan(5);
      await far.endpoint.api('uuid_break', far.endpoint.uuid);
      await playing;
      await far.close();
    });

    it('B3.5 endpoint.destroy: BYE comes, the channel is gone', async () => {
      const far = await connectFarEnd(pair.ms);
      const { uuid } = far.endpoint;
      await far.endpoint.destroy();
      expect(await pair.ms.api(`uuid_exists ${uuid}`)).toBe('false');
      far.rtp.stop();
    });

    it('B3.5 uuid_kill from the other connection: destroy event with the cause', async () => {
      const far = await connectFarEnd(pair.ms);
      // The endpoint's own connection has subscribed by the time it answers something.
      await far.endpoint.set('ready', '1');
      const destroyed = nextEvent<{ reason: string }>(far.endpoint, 'destroy');
      expect(await pair.ms.api(`uuid_kill ${far.endpoint.uuid}`)).toMatch(/^\+OK/);
      expect((await destroyed).reason).toBe('NORMAL_CLEARING');
      far.rtp.stop();
    });

    it('B5 BYE on the dialog ends the channel', async () => {
      const far = await connectFarEnd(pair.ms);
      const { uuid } = far.endpoint;
      const destroyed = nextEvent(far.endpoint, 'destroy');
      await far.endpoint.dialog.destroy();
      await destroyed;
      expect(await pair.ms.api(`uuid_exists ${uuid}`)).toBe('false');
      far.rtp.stop();
    });

    it('B4 an unknown application hangs the channel up', async () => {
      const far = await connectFarEnd(pair.ms);
      const destroyed = nextEvent<{ reason: string }>(far.endpoint, 'destroy');
      void far.endpoint.execute('no_such_application', 'x');
      expect((await destroyed).reason).toBe('DESTINATION_OUT_OF_ORDER');
      far.rtp.stop();
    });

    it('B4 variables: set, multiset, media statistics through uuid_dump', async () => {
      const far = await connectFarEnd(pair.ms, true);
      await far.endpoint.set('one', 'a b=c');
      await far.endpoint.set({ two: '2', three: '3:x' });
      await sleep(200);
      const variables = await far.endpoint.getChannelVariables(true);
      expect(variables).toMatchObject({ variable_one: 'a b=c', variable_two: '2', variable_three: '3:x' });
      expect(variables.variable_rtp_audio_in_packet_count).toBeGreaterThan(3);
      await far.close();
    });

    it('B4 bridge: each hears the other; unbridge parks both and they still obey', async () => {
      const a = await connectFarEnd(pair.ms, true);
      const b = await connectFarEnd(pair.ms, true);
      await a.endpoint.bridge(b.endpoint);
      a.rtp.say(sine(600, 1000), true);
      b.rtp.say(sine(1100, 1000), true);
      const from = performance.now() + 150;
      await sleep(600);
      expect(toneShare(b.rtp.heardBetween(from, from + 400), 600)).toBeGreaterThan(0.9);
      expect(toneShare(a.rtp.heardBetween(from, from + 400), 1100)).toBeGreaterThan(0.9);
      await a.rtp.sendKey('7');
      await until('the key', () => b.rtp.receivedKeys.includes('7'));
      await a.endpoint.unbridge();
      await sleep(100);
      const heard = a.rtp.arrivals.length;
      await sleep(200);
      expect(a.rtp.arrivals.length).toBe(heard);
      await a.endpoint.play('tone_stream://%(200,0,440)');
      await b.endpoint.play('tone_stream://%(200,0,440)');
      await a.close();
      await b.close();
    });

    it('B4 bridge: with park_after_bridge the other side stays when one hangs up, without it goes too', async () => {
      const a = await connectFarEnd(pair.ms, true);
      const b = await connectFarEnd(pair.ms, true);
      const c = await connectFarEnd(pair.ms, true);
      await a.endpoint.set('park_after_bridge', 'true');
      await a.endpoint.bridge(b.endpoint);
      await sleep(100);
      await b.endpoint.destroy();
      await sleep(150);
      expect(a.endpoint.connected).toBe(true);
      await a.endpoint.bridge(c.endpoint);
      await sleep(100);
      const gone = nextEvent(c.endpoint, 'destroy');
      await a.endpoint.destroy();
      await gone;
      for (const far of [a, b, c]) far.rtp.stop();
    });

    it('B4 mute: what the far end says is not heard', async () => {
      const a = await connectFarEnd(pair.ms, true);
      a.rtp.say(sine(600, 1000), true);
      await a.endpoint.mute();
      const echoing = a.endpoint.execute('echo');
      await sleep(200);
      const muted = a.rtp.arrivals.length;
      expect(muted).toBeLessThan(3);
      await a.endpoint.unmute();
      await sleep(300);
      expect(a.rtp.arrivals.length).toBeGreaterThan(muted + 5);
      await a.endpoint.api('uuid_break', a.endpoint.uuid);
      await echoing;
      await a.close();
    });

    it('B3 the application goes away: its channels are hung up', async () => {
      const far = await connectFarEnd(pair.ms);
      const { uuid } = far.endpoint;
      (far.endpoint as unknown as { conn: { socket: { destroy(): void } } }).conn.socket.destroy();
      const end = Date.now() + 3000;
      while ((await pair.ms.api(`uuid_exists ${uuid}`)) === 'true' && Date.now() < end) await sleep(20);
      expect(await pair.ms.api(`uuid_exists ${uuid}`)).toBe('false');
      far.rtp.stop();
    });

    it('B2 wrong secret: -ERR invalid, then the connection is closed', async () => {
      const { host, port } = pair.freeswitch;
      const socket = connect(port, host);
      let text = '';
      socket.on('data', (data) => {
        text += data;
      });
      socket.write('status\n\nauth wrong\n\n');
      await new Promise((resolve) => socket.once('close', resolve));
      expect(text).toContain('Content-Type: auth/request');
      expect(text).toContain('-ERR command not found');
      expect(text).toContain('-ERR invalid');
      expect(text).toContain('text/disconnect-notice');
    });
  });
});
