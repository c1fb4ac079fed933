import { z } from 'zod';
import { startHttpServer } from '../../../src/platform/http/http-server.ts';
import { createHttpMetrics } from '../../../src/platform/http/metrics.ts';
import { openApiDocument } from '../../../src/platform/http/open-api.ts';
import { defineRoute, type Reply } from '../../../src/platform/http/route.ts';
import { silentLog } from '../../../src/platform/log.ts';
import type { OpenApi } from '../../support/fuzz-requests.ts';
import { fuzzRoutes } from '../../support/fuzz-routes.ts';

interface Thing {
  readonly name: string;
  readonly count: number;
}

/** Fuzzes a service of one route, whose answers are these. */
async function fuzz(answer: (thing: Thing) => Reply): Promise<void> {
  const thing = z.strictObject({ name: z.string().max(16), count: z.int().min(0).max(50) });
  const route = defineRoute({
    method: 'post',
    path: '/things',
    operationId: 'makeThing',
    summary: 'Make a thing',
    body: thing,
    responses: { 201: { description: 'It is made', schema: thing } },
    handle: ({ body }) => Promise.resolve(answer(body)),
  });
  const metrics = createHttpMetrics('things');
  const server = await startHttpServer({
    routes: [route],
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    metrics,
  });
  const info = { title: 'Things', version: '1', description: '' };
  const document = openApiDocument(info, [route]) as unknown as OpenApi;
  try {
    await fuzzRoutes({ port: server.port, document, requests: 200, withinMs: 60_000 });
  } finally {
    await server.close();
  }
}

const made = (body: unknown): Reply => ({ status: 201, body });

test('a service whose answers are all as documented passes', () => fuzz(made));

test.each<[string, string, (thing: Thing) => Reply]>([
  [
    'a fault for some input',
    'status 500',
    (thing) => {
      if (thing.count > 45) throw new TypeError('planted');
      return made(thing);
    },
  ],
  [
    'a status that the document has not',
    'status 202 of type application/json is not documented',
    (thing) => (thing.count > 45 ? { status: 202, body: thing } : made(thing)),
  ],
  [
    'a body that is not as documented',
    'status 201 is not as documented',
    (thing) => made(thing.name.includes('漢') ? { ...thing, secret: 1 } : thing),
  ],
])('it is found: %s', async (_what, said, answer) => {
  await expect(fuzz(answer)).rejects.toThrow(said);
});
