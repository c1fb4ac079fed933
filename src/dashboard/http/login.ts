import { setTimeout as delay } from 'node:timers/promises';
import express, { type RequestHandler } from 'express';
import { cookieName, cookieOf, isToken } from './guard.ts';

/** A wrong token costs so long. */
const WRONG_TOKEN_MS = 500;

/** Without scripts or styles: nobody without a token gets a file of ours. */
export const loginPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Outbox pipeline: log in</title>
<main>
<h1>Outbox pipeline</h1>
<form method="post" action="login">
<p><label>The dashboard's token (DASHBOARD_TOKEN)<br><input name="token" type="password" autocomplete="current-password" required autofocus></label></p>
<p><button>Log in</button></p>
</form>
</main>
</html>
`;

/**
 * POST /login of the form: with the right token a cookie that only our own pages send. It stands before the guard, which a form can't
 * pass; it changes nothing but the sender's own cookie.
 */
export function login(token: string): RequestHandler[] {
  return [
    express.urlencoded({ extended: false, limit: 4_096 }),
    async (request, response) => {
      const body = request.body as { token?: unknown } | undefined;
      const given = typeof body?.token === 'string' ? body.token : '';
      if (!isToken(given, token)) {
        await delay(WRONG_TOKEN_MS);
        response.status(401).type('html').send(loginPage);
        return;
      }
      response.cookie(cookieName, cookieOf(token), {
        httpOnly: true,
        sameSite: 'strict',
        secure: request.get('x-forwarded-proto') === 'https',
        path: '/',
      });
      response.redirect(303, './');
    },
  ];
}
