import { chromium } from 'playwright-core';
import type { CDPSession } from 'playwright-core';

export interface OpenPage {
  /** The browser's name and version. */
  readonly name: string;
  /** Of the browser; all of its processes are below it. */
  readonly pid: number;
  /** Seconds of the page's own thread so far, and what they were spent on. */
  thread(): Promise<PageThread>;
  close(): Promise<void>;
}

export interface PageThread {
  readonly all: number;
  readonly script: number;
  readonly style: number;
  readonly layout: number;
}

const viewport = { width: 1_440, height: 900 } as const;

/** The dashboard's page in a browser of its own, as somebody looks at it who does nothing. */
export async function openPage(executablePath: string, url: string): Promise<OpenPage> {
  const server = await chromium.launchServer({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const browser = await chromium.connect(server.wsEndpoint());
  try {
    const context = await browser.newContext({ viewport });
    const page = await context.newPage();
    await page.goto(url);
    await page.locator('.link-state', { hasText: 'Live' }).waitFor();
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable');
    return {
      name: `Chromium ${browser.version()}`,
      pid: server.process().pid ?? 0,
      thread: () => readThread(session),
      close: () => server.close(),
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function readThread(session: CDPSession): Promise<PageThread> {
  const { metrics } = await session.send('Performance.getMetrics');
  const seconds = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return {
    all: seconds('TaskDuration'),
    script: seconds('ScriptDuration'),
    style: seconds('RecalcStyleDuration'),
    layout: seconds('LayoutDuration'),
  };
}
