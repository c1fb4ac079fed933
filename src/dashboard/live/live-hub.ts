import type { Request, Response } from 'express';
import { HttpProblem } from '../../platform/http/problem.ts';
import type { LiveState } from './live-state.ts';

const UPDATE_EVERY_MS = 500;
const ALIVE_EVERY_MS = 10_000;
const RETRY_MS = 2_000;
const MOST_PAGES = 50;
/** A page that does not take what it is sent is let go; when it comes again it gets a snapshot. */
const MOST_BYTES_WAITING = 4_000_000;

/** Server-sent events: a snapshot for each page that comes, then the same updates for all of them. */
export class LiveHub {
  readonly #state: LiveState;
  readonly #pages = new Set<Response>();
  readonly #timers: NodeJS.Timeout[];
  #isClosed = false;

  constructor(state: LiveState) {
    this.#state = state;
    this.#timers = [
      setInterval(() => this.#update(), UPDATE_EVERY_MS),
      setInterval(() => this.#send(eventText('alive', { at: Date.now() })), ALIVE_EVERY_MS),
    ];
  }

  /** GET /api/live */
  readonly serve = (request: Request, response: Response): void => {
    if (this.#isClosed || this.#pages.size >= MOST_PAGES)
      throw new HttpProblem(503, 'unavailable', {
        title: 'No room',
        detail: `The dashboard serves at most ${MOST_PAGES} pages at a time; close one.`,
      });
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      // A proxy that collects answers would hold the events back.
      'X-Accel-Buffering': 'no',
    });
    // What has changed until now is in the snapshot, and must not come a second time behind it.
    this.#update();
    response.write(`retry: ${RETRY_MS}\n\n`);
    response.write(eventText('snapshot', this.#state.snapshot(Date.now())));
    this.#pages.add(response);
    request.once('close', () => this.#pages.delete(response));
    response.once('error', () => this.#pages.delete(response));
  };

  /** Ends all streams, so that the server can end. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const page of this.#pages) page.end();
    this.#pages.clear();
  }

  #update(): void {
    const update = this.#state.takeUpdate(Date.now());
    if (update !== undefined && this.#pages.size > 0) this.#send(eventText('update', update));
  }

  #send(text: string): void {
    for (const page of this.#pages) {
      if (page.writableLength > MOST_BYTES_WAITING) {
        this.#pages.delete(page);
        page.destroy();
      } else page.write(text);
    }
  }
}

/** JSON has no line breaks, so one line of data is enough. */
const eventText = (name: string, data: unknown): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
