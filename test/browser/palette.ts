/** The list of kinds of nodes that opens over the canvas. */
import type { Page } from 'playwright-core';

/** Chooses a kind in the open list by the beginning of its title; it closes. */
export async function chooseKind(page: Page, title: string): Promise<void> {
  await page.locator('[role=dialog] input:focus').waitFor();
  await page.keyboard.type(title);
  await page
    .locator('[role=dialog] [data-combobox-selected]')
    .filter({ hasText: new RegExp(`^${title}`, 'i') })
    .waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Opens the list from the canvas by keyboard and chooses a kind; the node follows the one that is selected. */
export async function insertByKeyboard(page: Page, title: string): Promise<void> {
  await page.getByRole('application', { name: 'Canvas of the flow' }).focus();
  await page.keyboard.press('Tab');
  await chooseKind(page, title);
}
