import type { Page } from 'playwright-core';
import { waitUntil } from '../../src/platform/wait-until.ts';

/** Goes to the button of this name with Tab, and presses Enter on it. */
export async function pressOn(page: Page, name: string): Promise<void> {
  await waitUntil(
    async () => {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate<string>(
        `document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''`,
      );
      return focused === name;
    },
    { timeoutMs: 60_000, everyMs: 1, what: `the focus to be on "${name}"` },
  );
  await page.keyboard.press('Enter');
}
