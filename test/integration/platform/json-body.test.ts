import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { jsonBody } from '../../../src/platform/http/json-body.ts';

const TIMEOUT_MS = 200;
let server: Server;

beforeAll(async () => {
  const app = express();
  app.post('/', ...jsonBody(1_000, TIMEOUT_MS), (request, response) => void response.json(request.body));
  app.use(
    ((error, _request, response, _next) =>
      void response.status((error as { status: number }).status).end()) as express.ErrorRequestHandler,
  );
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await once(server, 'close');
});

/** Sends the head and one byte of a body of 500, then waits until the server cuts the connection. */
async function trickle(headers: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => (answer += data.toString()));
  // A reset is one way to be cut.
  socket.on('error', () => undefined);
  socket.write(
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n${headers}\r\n{`,
  );
  await once(socket, 'close');
  return answer;
}

test('a body that comes too slowly is answered with 408 and cut', async () => {
  expect(await trickle('')).toMatch(/^HTTP\/1\.1 408/);
});

test('one that was refused before it was read is cut as well, and the service lives on', async () => {
  expect(await trickle('Content-Encoding: gzip\r\n')).toMatch(/^HTTP\/1\.1 415/);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
  });
  expect(await response.json()).toEqual({ a: 1 });
});
