import { chromium, type Browser, type Page } from 'playwright-core';

export interface DashboardBrowser {
  /** Opens the page and waits until it is live. */
  open(options?: { readonly width?: number; readonly scheme?: 'light' | 'dark' }): Promise<Page>;
  /** What any page complained of, and what it asked of somebody else. */
  complaints(): readonly string[];
  close(): Promise<void>;
}

const height = 900;
const waitMs = 30_000;

export async function openDashboardBrowser(executablePath: string, url: string): Promise<DashboardBrowser> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const complaints: string[] = [];
  return {
    async open({ width = 1_440, scheme = 'light' } = {}) {
      const page = await newPage(browser, width, scheme);
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith(url)) complaints.push(`It asked for ${request.url()}`);
      });
      await page.goto(url);
      await page.locator('.link-state', { hasText: 'Live' }).waitFor();
      return page;
    },
    complaints: () => complaints,
    close: () => browser.close(),
  };
}

async function newPage(browser: Browser, width: number, scheme: 'light' | 'dark'): Promise<Page> {
  // axe needs a context of its own, not the browser's.
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  const page = await context.newPage();
  page.setDefaultTimeout(waitMs);
  return page;
}
