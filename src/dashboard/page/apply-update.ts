import type { DashboardState, DashboardUpdate } from '../dashboard-state.ts';

/** How long the charts look back, and how many rows the feed keeps: what is older is forgotten, so that a page can stay open for days. */
export const historyMs = 10 * 60_000;
export const feedRows = 100;

/** The state after an update: slices are replaced, points of the history and rows of the feed appended. Unchanged slices stay the same object. */
export function applyUpdate(state: DashboardState, update: DashboardUpdate): DashboardState {
  const next = { ...state, ...update };
  return {
    ...next,
    history:
      update.history === undefined
        ? state.history
        : {
            ...update.history,
            points: [...state.history.points, ...update.history.points].filter(
              ({ at }) => at >= update.at - historyMs,
            ),
          },
    events:
      update.events === undefined
        ? state.events
        : { ...update.events, rows: [...state.events.rows, ...update.events.rows].slice(-feedRows) },
  };
}
