import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createConnectClient } from '../../../src/connect/connect-client.ts';
import { registryAddress } from '../../../src/events/registry-access.ts';

let server: Server;
let url: string;
const trace =
  'org.postgresql.util.PSQLException: jdbc:postgresql://db/orders?user=cdc&password=hunter2 as known-secret';

beforeAll(async () => {
  const answers: Record<string, [number, unknown]> = {
    '/connectors/a/status': [
      200,
      {
        name: 'a',
        connector: { state: 'RUNNING', worker_id: 'w:1' },
        tasks: [{ id: 0, state: 'FAILED', worker_id: 'w:1', trace }],
      },
    ],
    '/connectors/a/resume': [400, { error_code: 400, message: `No: ${trace}` }],
    '/connectors/a': [200, { name: 'a', config: { 'database.password': 'known-secret' } }],
  };
  server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, { error_code: 404, message: 'no' }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test('a trace that Connect answers has no secret in it, and neither has a refusal; a config is left as it is', async () => {
  const client = createConnectClient({ url, secrets: ['known-secret'] });
  const status = await client.status('a');
  expect(status?.tasks[0]?.trace).toBe(
    'org.postgresql.util.PSQLException: jdbc:postgresql://db/orders?user=cdc&password=… as …',
  );
  await expect(client.resume('a')).rejects.toThrow(/password=… as …/);
  // It is compared and written back.
  expect(await client.config('a')).toEqual({ 'database.password': 'known-secret' });
});

test.each(['ftp://user:hunter2@registry:8081', 'registry//user:hunter2@x'])(
  '%s is refused as the address of a registry without being told',
  (address) => {
    const refused = (): unknown => registryAddress(address);
    expect(refused).toThrow(/no address of a schema registry/);
    expect(refused).not.toThrow(/hunter2/);
  },
);
