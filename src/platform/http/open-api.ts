import { z } from 'zod';
import { type DocumentedResponse, type Route, defineRoute } from './route.ts';

export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.strictObject({ field: z.string(), reason: z.string() })).optional(),
});

export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

/** The OpenAPI 3.1 document of the routes, from the schemas that parse their requests. */
export function openApiDocument(info: ApiInfo, routes: readonly Route[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info,
    paths,
    components: { schemas: { Problem: jsonSchema(problemSchema, 'output') } },
  };
}

/** GET /openapi.json for the given routes and itself. */
export function withOpenApi(info: ApiInfo, routes: readonly Route[]): Route[] {
  const all: Route[] = [...routes];
  let text: string | undefined;
  all.push(
    defineRoute({
      method: 'get',
      path: '/openapi.json',
      operationId: 'getOpenApi',
      summary: 'This document',
      responses: {
        200: { description: 'The OpenAPI document', schema: z.looseObject({ openapi: z.string() }) },
      },
      handle: () =>
        Promise.resolve({ status: 200, jsonText: (text ??= JSON.stringify(openApiDocument(info, all))) }),
    }),
  );
  return all;
}

function operation(route: Route): Record<string, unknown> {
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    parameters: [
      ...parameters('path', route.params),
      ...parameters('query', route.query),
      ...parameters('header', route.headers),
    ],
    ...requestBody(route),
    responses: Object.fromEntries([
      ...Object.entries(route.responses).map(([status, response]) => [
        status,
        documented(Number(status), response),
      ]),
      ['default', documented(500, { description: 'A problem' })],
    ]),
  };
}

function parameters(where: 'path' | 'query' | 'header', schema: z.ZodObject | undefined): unknown[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: property,
  }));
}

function requestBody(route: Route): Record<string, unknown> {
  const body = route.body ?? route.streamBody;
  if (body === undefined) return {};
  const contentType = route.stream?.requestContentType ?? 'application/json';
  const content = { [contentType]: { schema: jsonSchema(body, 'input') } };
  return { requestBody: { required: route.bodyOptional !== true, content } };
}

function documented(status: number, response: DocumentedResponse): Record<string, unknown> {
  const problem = status >= 400 && response.schema === undefined;
  const contentType = response.contentType ?? (problem ? 'application/problem+json' : 'application/json');
  const schema = problem
    ? { $ref: '#/components/schemas/Problem' }
    : response.schema === undefined
      ? response.contentType === undefined
        ? {}
        : { type: 'string' }
      : jsonSchema(response.schema, 'output');
  const headers = Object.entries(response.headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return {
    description: response.description,
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) as unknown }),
    content: { [contentType]: { schema } },
  };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  // The dialect is the document's, not each schema's.
  return { ...z.toJSONSchema(schema, { io }), $schema: undefined };
}
