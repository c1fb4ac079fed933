import type {
  DashboardState,
  DashboardUpdate,
  EventRow,
  EventsSlice,
  HistoryPoint,
} from '../dashboard-state.ts';

/** What is replaced as a whole; history and events only grow. */
type Replaced = Omit<DashboardState, 'at' | 'history' | 'events'>;

const HISTORY_MS = 10 * 60_000;
const MOST_ROWS = 100;

/**
 * The state as it is now, and what of it has changed since it was last said. One for all pages: what a page gets is made once,
 * however many there are.
 */
export class LiveState {
  readonly #slices: Replaced;
  /** As last said, so that what is the same again is not said again. */
  readonly #said = new Map<string, string>();
  readonly #points: HistoryPoint[] = [];
  readonly #rows: EventRow[] = [];
  #feed: Omit<EventsSlice, 'rows'> = { problem: null, perSecond: null, notShown: 0 };
  #historyProblem: string | null = null;
  #newPoints: HistoryPoint[] = [];
  #newRows: EventRow[] = [];

  constructor(initial: Replaced) {
    this.#slices = { ...initial };
  }

  get<Key extends keyof Replaced>(key: Key): Replaced[Key] {
    return this.#slices[key];
  }

  set<Key extends keyof Replaced>(key: Key, slice: Replaced[Key]): void {
    this.#slices[key] = slice;
  }

  /** Keeps what the source said last. */
  setProblem(key: keyof Replaced, problem: string | null): void {
    if (this.#slices[key].problem === problem) return;
    Object.assign(this.#slices, { [key]: { ...this.#slices[key], problem } });
  }

  addPoint(point: HistoryPoint, problem: string | null): void {
    this.#historyProblem = problem;
    this.#points.push(point);
    this.#newPoints.push(point);
    while ((this.#points[0]?.at ?? Infinity) < point.at - HISTORY_MS) this.#points.shift();
  }

  addRow(row: EventRow): void {
    this.#rows.push(row);
    this.#newRows.push(row);
    if (this.#rows.length > MOST_ROWS) this.#rows.shift();
  }

  setFeed(feed: Omit<EventsSlice, 'rows'>): void {
    this.#feed = feed;
  }

  /** All of it, for who has just come. */
  snapshot(at: number): DashboardState {
    return {
      at,
      ...this.#slices,
      history: { problem: this.#historyProblem, points: this.#points },
      events: { ...this.#feed, rows: this.#rows },
    };
  }

  /** What has changed since the last call; undefined when nothing has. */
  takeUpdate(at: number): DashboardUpdate | undefined {
    const changed = Object.entries(this.#slices).filter(([key, slice]) =>
      this.#isNews(key, JSON.stringify(slice)),
    );
    const points = this.#newPoints;
    const rows = this.#newRows;
    this.#newPoints = [];
    this.#newRows = [];
    const history = { problem: this.#historyProblem, points };
    const events = { ...this.#feed, rows };
    const update: DashboardUpdate = {
      at,
      ...(Object.fromEntries(changed) as Partial<Replaced>),
      ...((points.length > 0 || this.#isNews('history', String(history.problem))) && { history }),
      ...((rows.length > 0 || this.#isNews('events', JSON.stringify(this.#feed))) && { events }),
    };
    return Object.keys(update).length > 1 ? update : undefined;
  }

  #isNews(key: string, text: string): boolean {
    if (this.#said.get(key) === text) return false;
    this.#said.set(key, text);
    return true;
  }
}
