/**
 * Pictures of every page of the console in both languages, for docs/guides/console.md: `node test/browser/screenshots.ts`. It starts an
 * installation of its own, fills the demo company a little and has calls under way.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PARTNERS } from '@callwright/partners';
import type { Page } from 'playwright-core';
import { World } from '../e2e/world.ts';
import { ConsoleVisit, type LogIn, launchBrowser } from './browser.ts';
import { addressOf, pagePatterns } from './console-pages.ts';
import { FAKE_DEVICES } from './sound.ts';

const OUT = resolve(import.meta.dirname, '../../docs/images/console');
const PASSWORD = 'only for these pictures';

/** Small enough for a page of a guide. */
const SIZE = { width: 1000, height: 680 } as const;
const QUALITY = 72;

interface Filled {
  readonly samples: Readonly<Record<string, string>>;
  readonly user: LogIn;
}

/** Something to see on each page. */
async function fill(world: World): Promise<Filled> {
  const make = async (path: string, body: object): Promise<string> =>
    (await world.must<{ id: string }>('POST', path, body)).id;
  const { items: users } = await world.must<{ items: { id: string }[] }>('GET', '/users');
  const [alice, bob] = users.map(({ id }) => id);
  const { company } = await world.must<{ company: string }>('GET', '/session');
  const departmentId = await make('/departments', { name: 'Sales' });
  const address = { street: '12 rue de la Paix', city: 'Paris', postalCode: '75002', country: 'FR' };
  await make('/sites', { name: 'Paris', ...address });
  const book = await make('/phonebooks', { name: 'Customers', kind: 'company' });
  const claire = { givenName: 'Claire', familyName: 'Dubois', organisation: 'Dubois & Fils' };
  const numbers = [{ kind: 'office', number: '+33123456789' }];
  const data = { Customer: '4711', Contract: 'Premium, until 2028' };
  await make('/contacts', {
    phonebookId: book,
    ...claire,
    numbers,
    data,
    notes: 'Prefers to be called in the morning.',
  });
  await make('/park-slots', { name: 'First', extension: '701' });
  await make('/trunks', { name: 'Carrier', mode: 'peer', host: 'sip.carrier.example', enabled: false });
  await make('/recording-policies', { name: 'Calls of Sales', subject: 'user', subjectId: alice, percent: 20 });
  await make('/routing-rules', { name: 'Night', calledPattern: '8*', destination: { type: 'hang-up', id: 'busy' } });
  await make('/call-restrictions', { ownerId: company, name: 'No premium numbers', effect: 'deny' });
  await make('/number-prefixes', { ownerId: company, prefix: '+33', label: 'France' });
  await world.must('PUT', '/prompts/welcome', { text: 'Welcome to our firm.', language: 'en' });
  await world.must('PATCH', `/users/${alice}`, { departmentId, phrase: 'Back at two' });
  const callers = await make('/caller-lists', { ownerId: company, name: 'Unwanted', kind: 'block' });
  await world.must('PUT', `/caller-lists/${callers}/entries`, {
    entries: [{ pattern: '+33987*', note: 'Advertising' }],
  });
  const support = await make('/queues', { name: 'Support', extension: '600' });
  await world.must('PUT', `/queues/${support}/members`, { items: [{ userId: alice }, { userId: bob }] });
  const { items: flows } = await world.must<{ items: { id: string }[] }>('GET', '/flows?name=front-desk');
  const samples = {
    users: alice!,
    owners: company,
    flows: flows[0]!.id,
    queues: support,
    'caller-lists': callers,
    'voicemail-boxes': await make('/voicemail-boxes', { name: 'Alice', userId: alice, listRecordings: true }),
    'meeting-rooms': await make('/meeting-rooms', { name: 'Monday meeting', extension: '800' }),
    webhooks: await make('/webhooks', { name: 'CRM', url: 'https://crm.example/hook' }),
    'partner-modules': await make('/partner-modules', { contract: PARTNERS[0]!.name, name: 'CRM' }),
    calls: await endedCall(world),
  };
  const user = { email: 'alice@demo.example', password: PASSWORD };
  await make('/accounts', { ...user, role: 'user', name: 'Alice', ownerId: company, userId: alice });
  return { samples, user };
}

/** A call through the front desk, which is over. */
async function endedCall(world: World): Promise<string> {
  const call = await (await (await world.phoneOf('102')).call('200')).until('answered');
  await call.press('1');
  await call.press('1');
  await call.hangUp();
  await world.cdrOf(call.callId, 60_000);
  return (await world.calls('?state=ended'))[0]!.id;
}

/** Name of the picture of an address or a route: `/queues/:id` is `queue`, `/flows/:id/live` is `flow-live`. */
function nameOf(path: string): string {
  if (path === '/') return 'overview';
  const [first, , ...rest] = path.slice(1).split('/');
  if (!path.includes(':')) return path.slice(1).replaceAll('/', '-');
  return [first!.replace(/xes$/, 'x').replace(/s$/, ''), ...rest].join('-');
}

async function take(page: Page, name: string, language: string): Promise<void> {
  // cards glide into view
  await page.waitForTimeout(400);
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  writeFileSync(join(OUT, `${name}-${language}.webp`), Buffer.from(data, 'base64'));
  await session.detach();
  process.stdout.write(`${name}-${language}\n`);
}

type Language = 'en' | 'fr';

async function picturesOfAdministrator(visit: ConsoleVisit, language: Language, samples: Filled['samples']) {
  const own = /^\/(me|my-.*)$/;
  const patterns = [...new Set([...(await visit.pages()), ...pagePatterns()])].filter((path) => !own.test(path));
  for (const pattern of patterns) {
    const arrived = await visit.jump(addressOf(pattern, samples)).then(
      () => true,
      () => false,
    );
    if (arrived) await take(visit.page, nameOf(pattern), language);
    else process.stderr.write(`no picture of ${pattern}\n`);
  }
}

/** The user's own pages; on the first somebody calls. */
async function picturesOfUser(visit: ConsoleVisit, language: Language, world: World): Promise<void> {
  const { page } = visit;
  for (const path of (await visit.pages()).filter((each) => each !== '/')) {
    await visit.jump(path);
    await take(page, nameOf(path), language);
  }
  await visit.jump('/me');
  await page.getByRole('switch').first().click();
  await page.locator('[data-phone=ready]').waitFor();
  const caller = await world.stranger({ name: '+33123456789' });
  const call = await caller.call('251');
  await page.locator('[data-line=ringing]').getByText('Claire Dubois').waitFor();
  await take(page, 'incoming-call', language);
  await call.hangUp();
  await page.locator('[data-line]').waitFor({ state: 'detached' });
  await page.getByRole('switch').first().click();
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const world = await World.start();
const browser = await launchBrowser(FAKE_DEVICES);
try {
  const { samples, user } = await fill(world);
  const direct = { dialled: '251', kind: 'service', public: true, destination: { type: 'user', id: samples.users } };
  await world.must('POST', '/numbers', direct);
  await (await (await world.phoneOf('102')).call('200')).until('answered');
  const password = /with the password (\S+)/.exec(world.installation.readyBlock)![1]!;
  for (const locale of ['en', 'fr'] as const) {
    const visit = await ConsoleVisit.open(browser, world.installation.url, { locale, ...SIZE });
    await take(visit.page, 'log-in', locale);
    await visit.logIn({ email: 'admin@demo.example', password });
    await picturesOfAdministrator(visit, locale, samples);
    await visit.close();
    const own = await ConsoleVisit.open(browser, world.installation.url, { locale, ...SIZE });
    await own.logIn(user);
    await own.page.locator('[data-phone]').waitFor();
    await picturesOfUser(own, locale, world);
    await own.close();
  }
} finally {
  await browser.close();
  world.closePhones();
  await world.stop();
}
