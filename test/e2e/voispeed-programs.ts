/** The example programs of the partner contract in a real browser, with real telephones: the telephone bar, the dialer, the loggers. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleVisit, launchBrowser } from '../browser/browser.ts';
import { missingPrograms, skipWithout } from '../clients/available.ts';
import type { PhoneCall } from '../phone/call.ts';
import { Carrier } from '../phone/carrier.ts';
import { header } from '../phone/message.ts';
import { publishPinCheck, ROOT_HZ } from './responder.ts';
import { expectMusic, expectTalking, expectTone } from './talk.ts';
import type { World } from './world.ts';

const PATIENCE = { timeout: 30_000, interval: 100 };
const unique = (): string => crypto.randomUUID().slice(0, 8);

/** To be called at the top of a test file whose installation may dial `sip:127.0.0.1`. */
export function describePrograms(running: () => World): void {
  describe('the example programs', () => {
    let browser: Browser;
    let world: World;
    let visit: ConsoleVisit | undefined;

    beforeAll(async () => {
      world = running();
      if (!missingPrograms('chromium')) browser = await launchBrowser();
    });
    beforeEach((context) => skipWithout(context, 'chromium'));
    afterEach(async () => {
      const { complaints = [] } = visit ?? {};
      await visit?.close();
      visit = undefined;
      expect(complaints).toEqual([]);
    });
    afterAll(() => browser?.close());

    const open = async (program: string, extension?: string): Promise<Page> => {
      visit = await ConsoleVisit.at(browser, world.installation.url);
      await enter(visit, world, program, extension);
      return visit.page;
    };

    it('the telephone bar makes a call, holds it, hangs it up, shows who calls and answers', async () => {
      const contact = `Claire ${unique()}`;
      await addContact(world, contact, '102');
      const page = await open('telephone-bar', '101');
      const mine = await world.phoneOf('101', { incoming: { ring: true } });
      const other = await world.phoneOf('102');
      const [atMine, atOther] = [mine.nextIncoming(), other.nextIncoming()];
      await page.getByLabel('Number').fill('102');
      await page.keyboard.press('Enter');
      const own = await atMine;
      mine.answer(own);
      const far = await (await atOther).until('answered');
      await expectTalking(own, far);
      const card = page.getByRole('article');
      await card.getByText('Talking').waitFor();
      await page.getByRole('article', { name: contact }).getByText('2000 EUR').waitFor();
      await card.getByRole('button', { name: 'Hold' }).click();
      await expectMusic(far, 600);
      await card.getByRole('button', { name: 'Retrieve' }).click();
      await expectTalking(own, far);
      await card.getByRole('button', { name: 'Hang up' }).click();
      await Promise.all([own.until('ended', 20_000), far.until('ended', 20_000)]);
      await page.getByText('No call at the moment.').waitFor();
      const before = mine.incomingCalls.length;
      const taken = await other.call('101');
      await card.getByText('Calls you').waitFor();
      await card.getByRole('button', { name: 'Answer' }).click();
      // the phone is called anew, and told to take it by itself
      const isAnew = (one: PhoneCall) => header(one.invite!, 'call-info').includes('answer-after=0');
      await expect.poll(() => mine.incomingCalls.slice(before).some(isAnew), PATIENCE).toBe(true);
      const anew = mine.incomingCalls.slice(before).find(isAnew)!;
      mine.answer(anew);
      await expectTalking(taken, anew);
      await card.getByText('Talking').waitFor();
      await taken.hangUp();
      await page.getByText('No call at the moment.').waitFor();
      const calling = await other.call('101');
      const rejected = page.getByRole('article', { name: contact });
      await rejected.getByText('Calls you').waitFor();
      await rejected.getByRole('button', { name: 'Reject' }).click();
      await calling.until('ended', 20_000);
      await rejected.waitFor({ state: 'detached' });
      const history = page.getByRole('region', { name: 'My calls' }).getByRole('listitem');
      await expect.poll(() => history.filter({ hasText: contact }).count(), PATIENCE).toBeGreaterThanOrEqual(2);
      expect(await visit!.violations()).toEqual([]);
    }, 120_000);

    it('the dialer calls every number, and puts an operator in the place of the responder', async () => {
      const name = `Carrier ${unique()}`;
      const carrier = await Carrier.open({ serverPort: world.sipPort, incoming: { answerAfterMs: 300 } });
      try {
        await addTrunk(world, name, carrier.port);
        const page = await open('dialer');
        const operators = [await world.phoneOf('101'), await world.phoneOf('102')];
        const near = operators.map((phone) => phone.nextIncoming(60_000));
        const far = carrier.phone.nextIncoming(60_000);
        await page.getByLabel('Gateway').selectOption({ label: `${name}: 2 free` });
        for (const which of ['who is called waits', 'operators wait'])
          await page.getByLabel(`Responder where ${which}`).selectOption({ label: 'Tone menu' });
        await page.getByLabel(/^Numbers, one a line/).fill('0612345670\n06 12 34 56 71');
        for (const extension of ['101', '102']) await page.getByRole('checkbox', { name: extension }).check();
        await page.getByRole('button', { name: 'Start' }).click();
        const leads = page.getByRole('table', { name: /^Numbers/ }).getByRole('row');
        await expect.poll(() => leads.filter({ hasText: 'Talking' }).count(), PATIENCE).toBe(2);
        const legs = await Promise.all(near);
        const first = await far;
        // whoever it was given to hears it, and it him
        const number = /(\d{4})@/.exec(header(first.invite!, 'to'))![1]!;
        const partner = (await leads.filter({ hasText: number }).getByText('101').count()) === 1 ? 0 : 1;
        await expectTalking(first, legs[partner]!);
        expect(await visit!.violations()).toEqual([]);
        for (const leg of legs) await leg.hangUp();
        await page.getByRole('status').getByText('Finished').waitFor();
        expect(await leads.filter({ hasText: 'Answered' }).count()).toBe(2);
      } finally {
        await carrier.close();
      }
    }, 120_000);

    it('the loggers show what is sent to a notification URL and to a script, as it comes', async () => {
      const page = await open('loggers');
      const script = await page.getByRole('textbox', { name: 'IVR requests' }).inputValue();
      const { dialled } = await publishPinCheck(world, script);
      const phone = await world.phoneOf('103');
      const call = await (await phone.call(dialled)).until('answered');
      await expectTone(call, ROOT_HZ);
      await call.press('654321');
      const asked = page.getByRole('list', { name: 'IVR requests' }).getByRole('listitem');
      await asked.filter({ hasText: `called=${dialled}&input=654321&tag=-1` }).waitFor();
      // the logger gives no instruction
      await call.until('ended', 20_000);
      const told = page.getByRole('list', { name: 'Events' }).getByRole('listitem');
      await told.filter({ hasText: 'event_name=call_terminated' }).first().waitFor();
      expect(await told.last().textContent()).toMatch(
        /^\w+ \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000 event_type=[12]&event=\d+&event_name=/,
      );
      expect(await visit!.violations()).toEqual([]);
    }, 120_000);
  });
}

/** A program in a browser, let in by the token of a module of its own, whose events it is sent. */
async function enter(visit: ConsoleVisit, world: World, program: string, extension?: string): Promise<void> {
  const { page } = visit;
  const body = { contract: 'voispeed', name: `${program} ${unique()}`, settings: { extendedLevel: true } };
  const module = await world.must<{ id: string }>('POST', '/partner-modules', body);
  const { token } = await world.must<{ token: string }>('GET', `/partner-modules/${module.id}/token`);
  await page.goto(`${world.installation.url}/partners/voispeed/${program}`);
  await page.getByLabel('Token').fill(token);
  if (extension) await page.getByLabel('Your extension').fill(extension);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText('Receiving').waitFor();
  const notificationUrl = await page.getByRole('textbox', { name: 'Events' }).inputValue();
  await world.must('PATCH', `/partner-modules/${module.id}`, { settings: { notificationUrl } });
}

async function addContact(world: World, givenName: string, number: string): Promise<void> {
  const book = await world.must<{ id: string }>('POST', '/phonebooks', { name: `Book ${unique()}`, kind: 'company' });
  const numbers = [{ kind: 'office', number }];
  const data = { info: [{ caption: 'Credit limit', value: '2000 EUR' }] };
  const names = { givenName, familyName: '', organisation: '' };
  await world.must('POST', '/contacts', { phonebookId: book.id, ...names, numbers, data });
}

async function addTrunk(world: World, name: string, port: number): Promise<void> {
  const { items } = await world.must<{ items: { id: string; kind: string }[] }>('GET', '/owners');
  const ownerId = items.find(({ kind }) => kind === 'company')!.id;
  const trunk = { ownerId, name, mode: 'peer', host: '127.0.0.1', port, optionsSeconds: 0, maxCalls: 2 };
  await world.must('POST', '/trunks', trunk);
}
