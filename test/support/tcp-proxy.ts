import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { once } from 'node:events';
import { holdFreePort } from '../../scripts/stack/hold-free-port.ts';

/**
 * pass: as if it were not there. slow: each piece comes late. cut: connections end, new ones are refused. reset: connections
 * are torn down without a word (RST), new ones too. half-open: nothing is forwarded any more, and nobody is told. stale: so for what
 * is open now, as when a firewall has forgotten it; what is new passes. unanswered: what the client sends arrives, no answer comes back.
 */
export type ProxyMode = 'pass' | 'slow' | 'cut' | 'reset' | 'half-open' | 'stale' | 'unanswered';

/** A network between two parts that can be spoilt. */
export interface TcpProxy {
  readonly port: number;
  /** Pieces of answers that were not forwarded. */
  readonly lostAnswers: number;
  /** From now on; connections on which something was lost are ended when it passes again, as a network does that forgot them. */
  become(mode: ProxyMode): void;
  /** Moves the address to another server: connections to the one before are torn down. */
  leadTo(targetPort: number): void;
  close(): Promise<void>;
}

const SLOW_MS = 150;

/** Listens on a free port of loopback and forwards to another one. */
export async function startTcpProxy(firstTargetPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let targetPort = firstTargetPort;
  let mode: ProxyMode = 'pass';
  let lostAnswers = 0;
  const server = createServer((near) => {
    if (mode === 'cut' || mode === 'reset') {
      near.on('error', () => undefined);
      near.resetAndDestroy();
      return;
    }
    const far = connect(targetPort, '127.0.0.1');
    const pair: Pair = { near, far, wasHeld: mode !== 'stale' && losesSomething(mode), isStale: false };
    pairs.add(pair);
    join(pair, {
      mode: () => (pair.isStale ? 'half-open' : mode),
      forget: () => pairs.delete(pair),
      loseAnswer: () => (lostAnswers += 1),
    });
  });
  const port = await listen(server);
  return {
    port,
    get lostAnswers() {
      return lostAnswers;
    },
    become(next) {
      mode = next;
      for (const pair of pairs) {
        if (next === 'stale') pair.isStale = true;
        if (losesSomething(next)) pair.wasHeld = true;
        if (next === 'cut') endBoth(pair, 'destroy');
        if (next === 'reset' || (next === 'pass' && pair.wasHeld)) endBoth(pair, 'resetAndDestroy');
      }
    },
    leadTo(port) {
      targetPort = port;
      for (const pair of pairs) endBoth(pair, 'resetAndDestroy');
    },
    async close() {
      for (const pair of pairs) endBoth(pair, 'destroy');
      server.close();
      await once(server, 'close');
    },
  };
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** What was sent meanwhile is gone: the connection can't go on. */
  wasHeld: boolean;
  isStale: boolean;
}

const losesSomething = (mode: ProxyMode): boolean => ['half-open', 'stale', 'unanswered'].includes(mode);

interface Wire {
  readonly mode: () => ProxyMode;
  readonly forget: () => void;
  readonly loseAnswer: () => void;
}

function join(pair: Pair, { mode, forget, loseAnswer }: Wire): void {
  for (const [from, to] of [
    [pair.near, pair.far],
    [pair.far, pair.near],
  ] as const) {
    from.setNoDelay(true);
    from.on('error', () => undefined);
    from.on('close', () => {
      // The other side is not told, and waits until the network is whole again.
      if (mode() === 'half-open' && !to.destroyed) return;
      forget();
      to.destroy();
    });
    const passes = async (): Promise<boolean> => {
      if (mode() === 'slow') await delay(SLOW_MS);
      const isAnswer = from === pair.far;
      const isLost = mode() === 'half-open' || (mode() === 'unanswered' && isAnswer);
      if (isLost && isAnswer) loseAnswer();
      return !isLost;
    };
    void forward(from, to, passes).catch(() => to.destroy());
  }
}

async function forward(from: Socket, to: Socket, passes: () => Promise<boolean>): Promise<void> {
  for await (const piece of from as AsyncIterable<Buffer>) {
    // Read and dropped: to the sender all is well until it waits for an answer.
    if (!(await passes())) continue;
    if (!to.write(piece)) await once(to, 'drain');
  }
  to.end();
}

function endBoth({ near, far }: Pair, how: 'destroy' | 'resetAndDestroy'): void {
  near[how]();
  far[how]();
}

/** One that nobody listens on. */
export async function freePort(): Promise<number> {
  const held = await holdFreePort();
  const { port } = held.address() as AddressInfo;
  held.close();
  await once(held, 'close');
  return port;
}

async function listen(server: Server): Promise<number> {
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return port;
}
