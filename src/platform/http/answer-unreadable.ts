import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { HttpProblem } from './problem.ts';

export const HEADERS_WITHIN_MS = 10_000;
export const MOST_HEADER_BYTES = 16 * 1024;
export const MOST_HEADERS = 64;

/** What never becomes a request of the app, and Node would answer without a body or not at all: it gets a problem like any other. */
export function answerUnreadable(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else endWith(socket, unreadable(error.code));
  });
  server.on('connect', (_request, socket) => endWith(socket, noProxy));
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { status, problem } = unknownExpectation;
    response.writeHead(status, { 'Content-Type': 'application/problem+json', Connection: 'close' });
    response.end(JSON.stringify(problem));
  });
}

function endWith(socket: Duplex, { status, problem }: HttpProblem): void {
  const body = JSON.stringify(problem);
  // The client may be gone by now; nobody else is to be told.
  socket.on('error', () => undefined);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const noProxy = new HttpProblem(405, 'method-not-allowed', {
  title: 'Method not allowed',
  detail: 'This is no proxy: CONNECT leads nowhere; /openapi.json lists the routes.',
});

const unknownExpectation = new HttpProblem(417, 'unknown-expectation', {
  title: 'The expectation is not known',
  detail: 'The header Expect may say 100-continue, or be left out.',
});

function unreadable(code: string | undefined): HttpProblem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HttpProblem(408, 'too-slow', {
        title: 'The request came too slowly',
        detail: `All headers must arrive within ${HEADERS_WITHIN_MS / 1000} seconds.`,
      });
    case 'HPE_HEADER_OVERFLOW':
      return new HttpProblem(431, 'headers-too-large', {
        title: 'The headers are too large',
        detail: `There may be at most ${MOST_HEADERS} headers, and ${MOST_HEADER_BYTES} bytes of address and headers.`,
      });
    case undefined:
    default:
      return new HttpProblem(400, 'no-http', {
        title: 'The request cannot be read',
        detail: 'This is not a request as HTTP/1.1 has it.',
      });
  }
}
