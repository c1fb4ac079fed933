import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeProblem, sendUntilAnswered } from '../../../scripts/demo/send-until-answered.ts';

describe('sendUntilAnswered', () => {
  let server: Server;
  let url: string;
  let answer: (request: IncomingMessage, response: ServerResponse, count: number) => void;
  const keys: unknown[] = [];
  beforeEach(async () => {
    keys.length = 0;
    server = createServer((request, response) => {
      keys.push(request.headers['idempotency-key']);
      answer(request, response, keys.length);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const send = (giveUpAfterMs = 10_000) =>
    sendUntilAnswered({ method: 'POST', url, body: {}, idempotencyKey: 'run-1' }, { giveUpAfterMs });

  test('asks again with the same key after a broken connection, a 503 and a 429', async () => {
    answer = (request, response, count) => {
      if (count === 1) request.socket.destroy();
      else response.writeHead([0, 0, 503, 429, 201][count] ?? 500).end('{"orderId":"o"}');
    };
    expect(await send()).toEqual({ status: 201, body: { orderId: 'o' } });
    expect(keys).toEqual(['run-1', 'run-1', 'run-1', 'run-1']);
  });

  test('takes a 4xx for an answer', async () => {
    answer = (_request, response) => response.writeHead(422).end('{"title":"No"}');
    expect(await send()).toEqual({ status: 422, body: { title: 'No' } });
    expect(keys).toHaveLength(1);
  });

  test('gives up in the end and says what the service said last', async () => {
    answer = (_request, response) => response.writeHead(503).end('{"title":"Not available"}');
    await expect(send(150)).rejects.toThrow(
      /no usable answer for 0.15 s \(last: status 503: Not available\)/,
    );
  });
});

describe('describeProblem', () => {
  test('names the first wrong field', () => {
    const problem = {
      title: 'Not valid',
      errors: [
        { field: 'lines', reason: 'too many' },
        { field: 'x', reason: 'y' },
      ],
    };
    expect(describeProblem(problem)).toBe('Not valid - lines: too many');
  });
});
