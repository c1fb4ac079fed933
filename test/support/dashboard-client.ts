import { waitUntil } from '../../src/platform/wait-until.ts';
import { applyUpdate } from '../../src/dashboard/page/apply-update.ts';
import type { DashboardState, DashboardUpdate } from '../../src/dashboard/dashboard-state.ts';

export interface DashboardClient {
  /** As the page would have it now. */
  state(): DashboardState;
  /** Of events since the snapshot, by name. */
  counts(): Readonly<Record<string, number>>;
  /** Waits until this is so. */
  until(what: string, isSo: (state: DashboardState) => boolean, timeoutMs?: number): Promise<DashboardState>;
  act(
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: unknown }>;
  close(): void;
}

/** Reads the stream as the page does. */
export async function openDashboardClient(
  url: string,
  headers: Record<string, string> = {},
): Promise<DashboardClient> {
  const gone = new AbortController();
  const response = await fetch(`${url}/api/live`, { headers, signal: gone.signal });
  if (!response.ok || response.body === null) throw new Error(`The stream answers ${response.status}.`);
  let state: DashboardState | undefined;
  const counts: Record<string, number> = {};
  const reading = readEvents(response.body, (name, data) => {
    counts[name] = (counts[name] ?? 0) + 1;
    if (name === 'snapshot') state = data as DashboardState;
    else if (name === 'update' && state !== undefined) state = applyUpdate(state, data as DashboardUpdate);
  });
  reading.catch(() => undefined);
  const now = (): DashboardState => {
    if (state === undefined) throw new Error('There was no snapshot yet.');
    return state;
  };
  await waitUntil(() => state !== undefined, { timeoutMs: 30_000, what: 'a snapshot' });
  return {
    state: now,
    counts: () => counts,
    until: (what, isSo, timeoutMs = 30_000) =>
      waitUntil(() => (isSo(now()) ? now() : undefined), { timeoutMs, what }).catch((error: unknown) => {
        throw new Error(`${(error as Error).message}\n${JSON.stringify({ ...now(), history: [] }, null, 1)}`);
      }),
    async act(path, body, more = { 'x-dashboard': '1' }) {
      const answer = await fetch(`${url}/api/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers, ...more },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: await answer.json() };
    },
    close: () => gone.abort(),
  };
}

async function readEvents(
  body: ReadableStream<Uint8Array>,
  onEvent: (name: string, data: unknown) => void,
): Promise<void> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const name = /^event: (.+)$/m.exec(message)?.[1];
      const data = /^data: (.+)$/m.exec(message)?.[1];
      if (name !== undefined && data !== undefined) onEvent(name, JSON.parse(data));
    }
  }
}
