/** A real Chromium on an installation's console: log-in, accessibility, and what a page must never do. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { programPath } from '../clients/available.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2 level A and AA, with axe's own good practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A page comes within it, on a loaded machine too. */
const ARRIVES_MS = 30_000;

export interface LogIn {
  readonly email: string;
  readonly password: string;
}

export interface ConsoleOptions {
  readonly locale?: 'en' | 'fr';
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

/** Starts Debian's Chromium; its sandbox needs rights that a container seldom gives. */
export function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: programPath('chromium')!, args: ['--no-sandbox', ...args] });
}

/** One visitor of a console, with everything that its pages complained of. */
export class ConsoleVisit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Uncaught errors and violations of the page's policy. */
  readonly complaints: string[] = [];
  readonly #url: string;

  private constructor(url: string, context: BrowserContext, page: Page) {
    this.#url = url;
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy|Uncaught/.test(message.text()))
        this.complaints.push(message.text());
    });
    page.on('dialog', (dialog) => {
      this.complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  /** A fresh visitor at the log-in page. */
  static async open(browser: Browser, url: string, options: ConsoleOptions = {}): Promise<ConsoleVisit> {
    const visit = await ConsoleVisit.at(browser, url, options);
    await visit.go('/');
    return visit;
  }

  /** A fresh visitor who has loaded nothing yet. */
  static async at(browser: Browser, url: string, options: ConsoleOptions = {}): Promise<ConsoleVisit> {
    const { locale = 'en', colorScheme = 'light', width = 1280, height = 900 } = options;
    const context = await browser.newContext({ locale, colorScheme, viewport: { width, height } });
    // a loaded machine is slow, not wrong
    context.setDefaultTimeout(60_000);
    return new ConsoleVisit(url, context, await context.newPage());
  }

  /** Loads an address below `/console` and waits for its heading. */
  async go(path: string): Promise<void> {
    await this.page.goto(`${this.#url}/console${path}`);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
  }

  /** Fills the log-in form; by the keyboard alone, as somebody without a mouse does. */
  async logIn({ email, password }: LogIn): Promise<void> {
    const { page } = this;
    await page.locator('input[name=email]').focus();
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    // on a phone the navigation is folded away
    await page.locator('nav').waitFor({ state: 'attached' });
  }

  /** Follows a link of the navigation without loading the page anew. */
  async follow(path: string): Promise<void> {
    const address = path === '/' ? '/console' : `/console${path}`;
    await this.page.locator(`nav a[href="${address}"]`).click();
    await this.page.waitForURL(`**${address}`);
    await this.settled();
  }

  /** Nothing loads any more. */
  async settled(): Promise<void> {
    await this.page.getByRole('heading', { level: 1 }).waitFor();
    // live pages keep a stream open, so the network is never idle
    await this.page.locator('main .mantine-Loader-root').first().waitFor({ state: 'detached' });
  }

  /** Addresses that the navigation offers. */
  async pages(): Promise<string[]> {
    const links = await this.page.locator('nav a').all();
    const paths = await Promise.all(links.map((link) => link.getAttribute('href')));
    return paths.map((path) => (path ?? '').replace('/console', '') || '/');
  }

  /** What axe finds wrong, one line a fault; all rules, or those named. */
  async violations(...rules: readonly string[]): Promise<string[]> {
    const runOnly = rules.length > 0 ? { type: 'rule', values: rules } : RULES;
    if (!(await this.page.evaluate('"axe" in window'))) await this.page.evaluate(AXE);
    const script = `axe.run(document,{resultTypes:['violations'],runOnly:${JSON.stringify(runOnly)}}).then(r=>r.violations
      .map(v=>v.id+': '+v.nodes.map(n=>n.html.slice(0,200)).join(' | ')))`;
    return this.page.evaluate<string[]>(script);
  }

  /** Goes to an address below `/console` as a link would, without loading the page anew, and waits for what is there. */
  async jump(path: string): Promise<void> {
    const address = `/console${path === '/' ? '' : path}`;
    if (new URL(this.page.url()).pathname.replace(/\/$/, '') === address) return this.settled();
    await this.page.evaluate(`{
      for (const heading of document.querySelectorAll('h1')) heading.dataset.left = 'true';
      history.pushState(null, '', ${JSON.stringify(address)});
      dispatchEvent(new PopStateEvent('popstate'));
    }`);
    await this.page.locator('h1:not([data-left])').first().waitFor({ state: 'attached', timeout: ARRIVES_MS });
    await this.page.locator('.mantine-Loader-root').first().waitFor({ state: 'detached' });
  }

  /** Shows the page in other colours, and waits until they have faded in. */
  async recolour(colorScheme: 'light' | 'dark'): Promise<void> {
    await this.page.emulateMedia({ colorScheme });
    await this.page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    await this.page.evaluate(`new Promise((resolve) => requestAnimationFrame(() => {
      const ending = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity);
      Promise.allSettled(ending.map(({ finished }) => finished)).then(() => resolve());
    }))`);
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
