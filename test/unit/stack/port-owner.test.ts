import { createServer, type AddressInfo, type Server } from 'node:net';
import { freePorts, stackPorts } from '../../../scripts/stack/free-ports.ts';
import { assertPortFree, commandOf, findPortOwner } from '../../../scripts/stack/port-owner.ts';

describe('a port', () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

  test('in use is refused in one sentence with its holder and what to do', async () => {
    await expect(assertPortFree('kafka', 'KAFKA_PORT', port)).rejects.toMatchObject({
      part: 'kafka',
      message: expect.stringMatching(
        new RegExp(`^kafka: port ${port} is in use by process ${process.pid} \\(.*\\)$`),
      ) as unknown,
      remedy: 'Stop it, or set KAFKA_PORT to another port in .env.',
    });
  });

  test('has its holder found', () => {
    expect(findPortOwner(port)?.pid).toBe(process.pid);
  });

  test('that is free again passes', async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await expect(assertPortFree('kafka', 'KAFKA_PORT', port)).resolves.toBeUndefined();
    server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  });
});

test('free ports are five different ones', async () => {
  const ports = await freePorts();
  const wanted = stackPorts.map((name) => ports[name]);
  expect(new Set(wanted.filter((port) => Number(port) > 0)).size).toBe(5);
  expect(Object.values(ports).filter((port) => port !== '')).toEqual(wanted);
});

test('the command of a process that does not exist is unknown', () => {
  // Above the largest pid that Linux gives.
  expect(commandOf(4_194_305)).toBeUndefined();
});
