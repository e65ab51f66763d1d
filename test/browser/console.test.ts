/** The console in a real browser: the first call made by its wizard, forms of resources, roles, foreign companies, hostile names. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { missingPrograms, skipWithout } from '../clients/available.ts';
import { World } from '../e2e/world.ts';
import { ConsoleVisit, type LogIn, launchBrowser } from './browser.ts';
import { leave } from './leave.ts';

const PASSWORD = 'correct horse battery staple';
/** What a caller, a user or an administrator may have typed as a name. */
const HOSTILE = [
  '<img src=x onerror="window.hacked=1">',
  '"><script>window.hacked=1</script>',
  "'-alert(1)-'",
  '{{constructor.constructor("window.hacked=1")()}}',
  'javascript:window.hacked=1',
];

let world: World;
let browser: Browser;
let administrator: LogIn;
let visit: ConsoleVisit | undefined;

beforeAll(async () => {
  if (!missingPrograms('chromium')) browser = await launchBrowser();
});
// a company for each try of each test: none finds what another one made
beforeEach(async (context) => {
  skipWithout(context, 'chromium');
  world = await World.company(['101', '102']);
  administrator = await account('company');
});
afterEach(async () => {
  await world?.closePhones();
  const last = visit;
  visit = undefined;
  await leave(last);
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

async function account(role: string, fields: object = {}, of = world): Promise<LogIn> {
  const email = `${role}-${crypto.randomUUID().slice(0, 8)}@console.example`;
  await of.must('POST', '/accounts', { email, role, password: PASSWORD, name: `Some ${role}`, ...fields });
  return { email, password: PASSWORD };
}

async function visitAs(logIn: LogIn, locale: 'en' | 'fr' = 'en', width = 1280): Promise<ConsoleVisit> {
  visit = await ConsoleVisit.open(browser, world.installation.url, { locale, width });
  await visit.logIn(logIn);
  return visit;
}

describe('log-in', () => {
  it('refuses a wrong password in words, and keeps the session from scripts and other sites', async () => {
    visit = await ConsoleVisit.open(browser, world.installation.url);
    const { page, context } = visit;
    await page.getByLabel('E-mail address').fill(administrator.email);
    await page.locator('input[name=password]').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('The e-mail address or the password is wrong.').waitFor();
    await visit.logIn({ ...administrator, email: '' });
    const cookie = (await context.cookies()).find(({ name }) => name === 'callwright_session');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByLabel('E-mail address').waitFor();
    expect((await page.request.get(`${world.installation.url}/api/v1/session`)).status()).toBe(401);
  });

  it('comes back over a page whose session ended elsewhere, and leads on to it', async () => {
    const { page, context } = await visitAs(administrator);
    // a page that asks for nothing by itself: the click below is what meets the end of the session
    await visit!.follow('/prompts');
    await page.getByText('No prompts yet.').waitFor();
    await context.clearCookies();
    await page.locator('nav a[href="/console/users"]').click();
    await page.getByLabel('E-mail address').waitFor();
    await visit!.logIn(administrator);
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  });
});

describe('the first call', () => {
  it('is made by the wizard: two people, a flow, a number, phones that ring', async () => {
    const { page } = await visitAs(administrator, 'fr');
    await page.getByRole('link', { name: 'Commencer' }).click();
    await page.getByLabel('Nom de la société').fill('Boulangerie Martin');
    await page.getByRole('button', { name: 'Suivant' }).click();
    const people = page.getByRole('group', { name: /Personne/ });
    for (const [at, name] of [
      [0, 'Ada'],
      [1, 'Bruno'],
    ] as const)
      await people.nth(at).getByLabel('Prénom').fill(name);
    await page.getByRole('button', { name: 'Suivant' }).click();
    await page.getByRole('button', { name: 'Créer' }).click();
    await page.getByRole('heading', { name: 'Prêt à être appelé' }).waitFor();
    const cells = await page.getByRole('row', { name: /Ada/ }).getByRole('cell').allTextContents();
    expect(cells.slice(0, 2)).toEqual(['Ada', '301']);
    const ada = await world.stranger({ credentials: { username: cells[2]!, password: cells[3]! } });
    expect(await ada.register()).toBe(200);
    const bruno = await world.phoneOf('302');
    const call = await (await ada.call('300')).until('answered');
    await visit!.follow('/live');
    await page.getByRole('link', { name: /Ada/ }).waitFor();
    await page.getByText('greeting').waitFor();
    const rings = bruno.nextIncoming(20_000);
    await call.press('2');
    bruno.answer(await rings);
    await page.getByText('call-second').waitFor();
    await page.getByRole('button', { name: /^Raccrocher Ada/ }).click();
    await call.until('ended');
    await page.getByText('Aucun appel en ce moment.').waitFor();
    await visit!.follow('/calls');
    await page
      .getByRole('link')
      .filter({ hasText: /20\d\d/ })
      .first()
      .click();
    await page.getByText('Fin de l’appel').waitFor();
  });
});

describe('forms', () => {
  it('make, change and delete an entity, and say at the field what is wrong', async () => {
    const { page } = await visitAs(administrator);
    await visit!.follow('/ring-groups');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('button', { name: 'Create' }).click();
    await drawer.getByText('This is needed.').first().waitFor();
    await drawer.getByLabel(/^Name/).fill('support');
    await drawer.getByLabel('Extension').fill('101');
    await drawer.getByRole('button', { name: 'Create' }).click();
    await drawer.getByRole('alert').filter({ hasText: 'This extension or number is in use.' }).waitFor();
    await drawer.getByLabel('Extension').fill('140');
    await drawer.getByRole('button', { name: 'Create' }).click();
    await drawer.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'support', exact: true }).click();
    await drawer.getByLabel('Extension').fill('');
    await drawer.getByRole('button', { name: 'Save' }).click();
    await drawer.waitFor({ state: 'detached' });
    const { items } = await world.must<{ items: { name: string; extension: string | null }[] }>('GET', '/ring-groups');
    expect(items.find(({ name }) => name === 'support')?.extension).toBeNull();
    await page.getByRole('button', { name: 'Delete support' }).click();
    await drawer.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'support', exact: true }).waitFor({ state: 'detached' });
  });

  it('lead a number to a user chosen by name', async () => {
    const { page } = await visitAs(administrator);
    await visit!.follow('/numbers');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('Number').fill('250');
    await drawer.getByRole('combobox', { name: 'Kind', exact: true }).click();
    await page.getByRole('option', { name: 'Service number' }).click();
    await drawer.getByRole('combobox', { name: 'Kind of destination' }).click();
    await page.getByRole('option', { name: 'User', exact: true }).click();
    await drawer.getByRole('combobox', { name: 'Destination', exact: true }).click();
    await page.getByRole('option', { name: 'User 102 (102)' }).click();
    await drawer.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('row', { name: /250.*User 102/ }).waitFor();
  });

  it('of integration modules are what their contract says, in the reader’s language; the token is shown when asked for', async () => {
    const { page } = await visitAs(administrator, 'fr');
    await visit!.follow('/partner-modules');
    await page.getByRole('button', { name: 'Nouveau', exact: true }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('combobox', { name: 'Contrat' }).click();
    await drawer.getByRole('option').first().click();
    await drawer.getByLabel('Nom').fill('CRM');
    await drawer.getByRole('button', { name: 'Créer' }).click();
    await drawer.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'CRM', exact: true }).click();
    await page.getByLabel('URL de notification').fill('http://crm.example/logger.php');
    await page.getByRole('combobox', { name: 'Postes' }).fill('102');
    await page.keyboard.press('Enter');
    await page.getByLabel('Commandes et événements étendus (SSN)').check();
    expect(await visit!.violations()).toEqual([]);
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    const settings = async () =>
      (await world.must<{ items: { settings: object }[] }>('GET', '/partner-modules')).items[0]!.settings;
    await expect.poll(settings, { timeout: 20_000 }).toMatchObject({
      extensions: ['102'],
      notificationUrl: 'http://crm.example/logger.php',
      extendedLevel: true,
      userLevel: true,
    });
    await page.getByRole('tab', { name: 'Accès' }).click();
    await page.getByRole('button', { name: 'Afficher le jeton' }).click();
    await page.getByText(/^[0-9a-f]{32}$/).waitFor();
    expect(await visit!.violations()).toEqual([]);
  });
});

describe('who sees what', () => {
  it('a supervisor sees calls and directory, changes nothing, and is refused what the page hides', async () => {
    const { page } = await visitAs(await account('supervisor'));
    const pages = await visit!.pages();
    expect(pages).toContain('/live');
    for (const hidden of ['/accounts', '/api-keys', '/owners', '/audit']) expect(pages).not.toContain(hidden);
    await visit!.follow('/users');
    await page.getByRole('link', { name: '101' }).waitFor();
    expect(await page.getByRole('button', { name: 'New', exact: true }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /^Delete/ }).count()).toBe(0);
    await visit!.go('/accounts');
    await page.getByText('Your account may not do that.').waitFor();
  });

  it('a user sees a space of his own and nothing else', async () => {
    const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
    const userId = items.find(({ extension }) => extension === '101')!.id;
    const { page } = await visitAs(await account('user', { userId }));
    await page.getByRole('heading', { level: 1, name: 'My space' }).waitFor();
    expect(await visit!.pages()).toEqual(['/', '/me', '/my-calls', '/my-messages', '/my-reach', '/my-phones']);
    await page.getByLabel('Status text').fill('Back at two');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect((await world.must<{ phrase: string }>('GET', `/users/${userId}`)).phrase).toBe('Back at two');
  });

  it('somebody of another company sees nothing of this one, by list or by address', async () => {
    const other = await World.company(['101']);
    const [mine] = (await world.must<{ items: { id: string }[] }>('GET', '/users')).items;
    await world.must('PATCH', `/users/${mine!.id}`, { familyName: 'Onlyhere' });
    const { page } = await visitAs(await account('supervisor', {}, other));
    await visit!.follow('/users');
    await page.getByRole('link', { name: '101' }).waitFor();
    expect(await page.getByText('Onlyhere').count()).toBe(0);
    await visit!.go(`/users/${mine!.id}`);
    await page.getByText('This does not exist, or belongs to somebody else.').first().waitFor();
    expect(await page.getByText('Onlyhere').count()).toBe(0);
  });
});

describe('hostile input', () => {
  it('is shown as it was typed and runs nothing, wherever a name appears', async () => {
    for (const [at, name] of HOSTILE.entries()) {
      const id = await world.addUser(`98${at}`, { givenName: name.slice(0, 100), familyName: '</title><b>' });
      await world.must('POST', '/ring-groups', { name: `x ${name}`.slice(0, 100), members: [{ userId: id }] });
    }
    await world.must('POST', '/phonebooks', { name: HOSTILE[0], kind: 'company' });
    const { page } = await visitAs(administrator);
    for (const path of ['/users', '/ring-groups', '/phonebooks', '/audit']) await visit!.follow(path);
    await visit!.follow('/users');
    for (const name of HOSTILE) await page.getByText(name, { exact: true }).waitFor();
    await page.getByRole('link', { name: '980' }).click();
    await page.getByRole('heading', { level: 1, name: HOSTILE[0]! }).waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('main img, main b').count()).toBe(0);
  });

  it('cannot be run by the page even when it gets into it: inline scripts are refused', async () => {
    const { page, complaints } = await visitAs(administrator);
    await page.evaluate(`{ const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s);
      const a = document.createElement('div'); a.innerHTML = '<img src="x" onerror="window.hacked = 1">'; document.body.append(a); }`);
    await expect.poll(() => complaints.filter((text) => text.includes('Content Security Policy')).length).toBe(2);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    complaints.length = 0;
  });
});

describe('everybody can use it', () => {
  it('the menu opens and closes on a phone', async () => {
    const { page } = await visitAs(administrator, 'fr', 360);
    // folded away, the keyboard does not stop there
    await page.locator('nav[inert]').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.locator('nav:not([inert]) a[href="/console/users"]').click();
    await page.waitForURL('**/console/users');
    await page.locator('nav[inert]').waitFor({ state: 'attached' });
  });

  it('says so while there is no network', async () => {
    const { page, context } = await visitAs(administrator);
    await context.setOffline(true);
    await page.getByText('No network').waitFor();
    await context.setOffline(false);
    await page.getByText('No network').waitFor({ state: 'detached' });
  });
});
