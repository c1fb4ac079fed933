import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { HttpProblem } from '../../platform/http/problem.ts';

/** The headers by which it is decided whether a request may be answered; undefined for one that is not there. */
export interface AskedBy {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  /** `x-dashboard`: a page of another site can't send it without asking us first, and we do not allow it. */
  readonly marker: string | undefined;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

export interface GuardOptions {
  /** Undefined: whoever reaches this machine's loopback may ask. */
  readonly token: string | undefined;
}

export const cookieName = 'dashboard';
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * Why a request is not answered, or undefined when it is. Actions must come from our own page. Without a token the name that was asked
 * for must be this machine's own: a page elsewhere can give its own name our address, and would then be our page to the browser.
 */
export function refusalOf(asked: AskedBy, { token }: GuardOptions): HttpProblem | undefined {
  if (token === undefined && !LOOPBACK_HOST.test(asked.host ?? ''))
    return new HttpProblem(421, 'wrong-host', {
      title: 'Not this name',
      detail: 'Without DASHBOARD_TOKEN the dashboard answers at 127.0.0.1, localhost and [::1] only.',
    });
  if (isAction(asked) && !isFromOurPage(asked))
    return new HttpProblem(403, 'cross-site', {
      title: 'Not from this page',
      detail: 'Actions are taken from the page itself only: send x-dashboard: 1, and no Origin but this one.',
    });
  if (token !== undefined && !hasToken(asked, token))
    return new HttpProblem(401, 'token-needed', {
      title: 'A token is needed',
      detail: 'Log in on the page, or send the header Authorization: Bearer <DASHBOARD_TOKEN>.',
      headers: { 'WWW-Authenticate': 'Bearer' },
    });
  return undefined;
}

/** What the browser keeps of a login: it proves the token without holding it. */
export const cookieOf = (token: string): string =>
  createHash('sha256').update(`dashboard session of ${token}`).digest('hex');

export const isToken = (given: string, token: string): boolean =>
  timingSafeEqual(digest(given), digest(token));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const isAction = ({ method }: AskedBy): boolean => method !== 'GET' && method !== 'HEAD';

function isFromOurPage({ host, origin, secFetchSite, marker }: AskedBy): boolean {
  if (marker !== '1') return false;
  if (secFetchSite !== undefined && secFetchSite !== 'same-origin') return false;
  return origin === undefined || hostOf(origin) === host;
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function hasToken({ authorization, cookie }: AskedBy, token: string): boolean {
  const bearer = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (bearer !== undefined && isToken(bearer, token)) return true;
  const session = (cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1);
  return session !== undefined && isToken(session, cookieOf(token));
}

/** Nothing but our own files, no frames, no forms to elsewhere. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Sets what every answer says to the browser. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Frame-Options': 'DENY',
  });
  next();
};

/** Answers nobody who may not ask; a person without a token gets the page to log in at. */
export function guard(options: GuardOptions, loginPage: string): RequestHandler {
  return (request, response, next) => {
    const refusal = refusalOf(
      {
        method: request.method,
        host: request.get('host'),
        origin: request.get('origin'),
        secFetchSite: request.get('sec-fetch-site'),
        marker: request.get('x-dashboard'),
        authorization: request.get('authorization'),
        cookie: request.get('cookie'),
      },
      options,
    );
    if (refusal === undefined) {
      next();
      return;
    }
    const isPerson = request.method === 'GET' && request.path === '/' && request.accepts('html') !== false;
    if (refusal.status !== 401 || !isPerson) throw refusal;
    response.status(401).type('html').send(loginPage);
  };
}
