import { Router, type RequestHandler } from 'express';
import type { BuiltPage } from '../build-page.ts';
import { guard, securityHeaders } from './guard.ts';
import { login, loginPage } from './login.ts';
import { pageFiles } from './page-files.ts';

/** In this order: what every answer says to the browser, the way in, who may ask, the stream, the page. */
export function beforeRoutes(options: {
  readonly token: string | undefined;
  readonly page: BuiltPage;
  readonly live: RequestHandler;
}): RequestHandler[] {
  const { token, page, live } = options;
  const doors = Router();
  if (token !== undefined) doors.post('/login', ...login(token));
  doors.use(guard({ token }, loginPage));
  doors.get('/api/live', live);
  return [securityHeaders, doors, pageFiles(page)];
}
