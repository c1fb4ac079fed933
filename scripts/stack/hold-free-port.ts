import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Below the ports that Linux (32768 and up) and macOS (49152 and up) give to outgoing connections. */
const lowest = 20_000;
const highest = 32_000;

/**
 * A port of loopback that nobody listens on, held open: the caller closes it just before its own part listens there.
 * Not one that the system picks: that may be given to an outgoing connection between this call and the start of the part,
 * as of the broker's many clients, and the part then dies of a port in use.
 * @throws after 100 tries, when all of them are taken
 */
export async function holdFreePort(): Promise<Server> {
  for (let tries = 0; tries < 100; tries += 1) {
    const server = await listen(randomInt(lowest, highest));
    if (server !== undefined) return server;
  }
  throw new Error(`No free port was found between ${lowest} and ${highest}.`);
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
