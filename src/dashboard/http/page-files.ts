import express, { type RequestHandler } from 'express';
import type { BuiltPage } from '../build-page.ts';

/** The built page. Its assets have their hash in their name, so they never change. */
export function pageFiles(page: BuiltPage): RequestHandler {
  if ('problem' in page)
    return (request, response, next) => {
      if (request.path !== '/') next();
      else response.status(503).type('text').send(`${page.problem}\n`);
    };
  return express.static(page.folder, {
    setHeaders: (response, path) => {
      const isHashed = /[\\/]assets[\\/]/.test(path);
      response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
