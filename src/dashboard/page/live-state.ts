import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { DashboardState, DashboardUpdate } from '../dashboard-state.ts';
import { applyUpdate } from './apply-update.ts';

/** `lost`: what is shown is old, and the browser tries again by itself. */
export type LinkState = 'connecting' | 'live' | 'lost';

export const link = signal<LinkState>('connecting');
/** Undefined until the first snapshot. */
export const state = signal<DashboardState | undefined>(undefined);
/** When the page last heard from its server, by the page's own clock. */
export const heardAt = signal<number | undefined>(undefined);

/** Part of the state; who reads it draws again only when that part changes. */
export const slice = <Key extends keyof DashboardState>(
  key: Key,
): ReadonlySignal<DashboardState[Key] | undefined> => computed(() => state.value?.[key]);

/** A server that says nothing for so long is not there, whatever the connection looks like. Its heartbeat comes every 10 s. */
const silentMs = 25_000;

/** Follows the server for as long as the page is open. */
export function followServer(): void {
  let source = open();
  setInterval(() => {
    const isSilent = Date.now() - (heardAt.value ?? 0) > silentMs;
    if (source.readyState !== EventSource.CLOSED && !isSilent) return;
    source.close();
    link.value = 'lost';
    source = open();
  }, 5_000);
}

function open(): EventSource {
  const source = new EventSource('./api/live');
  heardAt.value = Date.now();
  source.addEventListener('snapshot', ({ data }: MessageEvent<string>) => {
    heard();
    state.value = JSON.parse(data) as DashboardState;
  });
  source.addEventListener('update', ({ data }: MessageEvent<string>) => {
    heard();
    if (state.value !== undefined)
      state.value = applyUpdate(state.value, JSON.parse(data) as DashboardUpdate);
  });
  source.addEventListener('alive', heard);
  source.onerror = () => (link.value = 'lost');
  return source;
}

function heard(): void {
  heardAt.value = Date.now();
  link.value = 'live';
}
