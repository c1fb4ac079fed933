import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';
import { HttpProblem } from './problem.ts';

export const defaultBodyLimitBytes = 32 * 1024;
// The server sets no limit on a whole request because of streamed bodies; a JSON body that trickles in is cut here.
const bodyTimeoutMs = 15_000;
/** The type of the error for a body that says it is UTF-8 and is not. */
export const NOT_UTF8 = 'entity.not-utf-8';

/** Reads a JSON body of at most `limitBytes` into request.body: 415 for another type, 413 when larger, 408 when too slow. */
export function jsonBody(limitBytes = defaultBodyLimitBytes, timeoutMs = bodyTimeoutMs): RequestHandler[] {
  // inflate: false, since a small compressed body may be a huge one. The limit is a number: a bad string disables it.
  return [
    onlyJson,
    slowBodyGuard(timeoutMs),
    express.json({ limit: limitBytes, inflate: false, strict: false, verify: onlyUtf8 }),
  ];
}

const onlyJson: RequestHandler = (request, _response, next) => {
  // is() answers null without a body and false for another type; fetch says Content-Length: 0 where it sends no body.
  if (request.is('application/json') === false && request.get('content-length') !== '0') {
    throw new HttpProblem(415, 'unsupported-media-type', {
      title: 'Unsupported media type',
      detail: `Send JSON with the header Content-Type: application/json${wrongType(request.get('content-type'))}.`,
    });
  }
  next();
};

function wrongType(contentType: string | undefined): string {
  return contentType === undefined ? '' : `, not ${contentType}`;
}

/** A decoder would put a replacement character for what is no UTF-8, and the service would keep what nobody sent. */
function onlyUtf8(_request: unknown, _response: unknown, body: Buffer, encoding: string): void {
  // The body parser takes the types of its own errors, such as the first.
  if (encoding.toLowerCase() !== 'utf-8')
    throw Object.assign(new Error('not UTF-8'), { type: 'charset.unsupported' });
  if (!isUtf8(body)) throw Object.assign(new Error('not UTF-8'), { type: NOT_UTF8 });
}

const slowBodyGuard =
  (timeoutMs: number): RequestHandler =>
  (request, response, next) => {
    const timer = setTimeout(() => {
      // Refused before its body was read (another encoding, say), and the body still trickles in: only the socket is left to cut.
      if (response.headersSent) {
        request.destroy();
        return;
      }
      const { status, problem } = new HttpProblem(408, 'too-slow', {
        title: 'The body came too slowly',
        detail: `The whole body must arrive within ${timeoutMs / 1000} seconds.`,
      });
      response.status(status).set('Connection', 'close').type('application/problem+json');
      // Cut after the answer is out; the body parser then reports an aborted request, which finds the answer sent.
      response.end(JSON.stringify(problem), () => request.destroy());
    }, timeoutMs);
    request.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
    next();
  };
