import { readAccess } from '../../../src/platform/access.ts';
import { createConnectClient } from '../../../src/connect/connect-client.ts';
import {
  makeCertificates,
  startConnectProxy,
  type ConnectProxy,
  type ProxyOptions,
  type TestCertificates,
} from '../../support/connect-proxy.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import { stackValue } from '../../support/test-stack.ts';

const worker = stackValue('CONNECT_URL');
const nobody = 'http://127.0.0.1:9';
let certificates: TestCertificates;
let operated: OperatedOutbox;
const proxies: ConnectProxy[] = [];

async function proxy(options: Partial<ProxyOptions> = {}): Promise<ConnectProxy> {
  const started = await startConnectProxy({ target: worker, ...options });
  proxies.push(started);
  return started;
}

beforeAll(async () => {
  operated = await createOperatedOutbox();
  certificates = makeCertificates();
});
afterAll(async () => {
  await Promise.all(proxies.map((one) => one.close().catch(() => undefined)));
  certificates.remove();
  await operated.close();
});

const tlsFiles = (): Record<string, string> => ({
  CONNECT_CA_FILE: certificates.ca,
  CONNECT_CERT_FILE: certificates.client.cert,
  CONNECT_KEY_FILE: certificates.client.key,
});
const password = { CONNECT_USER: 'ops', CONNECT_PASSWORD: 'hunter2' };

describe('getting in', () => {
  test('by TLS with a client certificate and a password, from the environment, as the command line does', async () => {
    const { url } = await proxy({ certificates, credentials: 'ops:hunter2' });
    const words = ['connectors', 'status', '--no-probe', '--json', '--connect', url];
    const ended = await operated.outbox(words, { ...tlsFiles(), ...password });
    // Connect has said so.
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(ended.stdout).toContain('"state":"MISSING"');

    const noAuthority = await operated.outbox(words, password);
    expect(noAuthority).toMatchObject({ code: 3, stdout: '' });
    expect(noAuthority.stderr).toMatch(/can't be reached at https:.* certificate.*CONNECT_CA_FILE/s);

    const wrong = await operated.outbox(words, { ...tlsFiles(), ...password, CONNECT_PASSWORD: 'hunter3' });
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/refused: .*CONNECT_USER and CONNECT_PASSWORD/s);
    expect(wrong.stderr).not.toContain('hunter');
  });

  test('without the certificate that the worker asks for it says so', async () => {
    const { url } = await proxy({ certificates });
    const client = createConnectClient({
      url,
      ...readAccess({ CONNECT_CA_FILE: certificates.ca }, 'CONNECT'),
      retryForMs: 0,
    });
    await expect(client.names()).rejects.toMatchObject({ code: 'connect_unreachable' });
  });

  test('a certificate of the right authority, but for another host, is refused, and says so', async () => {
    const elsewhere = makeCertificates('DNS:connect.example.org');
    try {
      const { url } = await proxy({ certificates: elsewhere });
      const env = { ...tlsFiles(), CONNECT_CA_FILE: elsewhere.ca };
      const words = ['connectors', 'status', '--no-probe', '--connect', url];
      const ended = await operated.outbox(words, env);
      expect(ended).toMatchObject({ code: 3, stdout: '' });
      expect(ended.stderr).toMatch(
        /can't be reached at https:.*altnames.*the host name that the certificate has/s,
      );
    } finally {
      elsewhere.remove();
    }
  });

  test('a password in the address wins over the environment', async () => {
    const { url } = await proxy({ credentials: 'me:p@ss' });
    const client = createConnectClient({
      url: url.replace('//', '//me:p%40ss@'),
      ...readAccess(password, 'CONNECT'),
    });
    expect(await client.worker()).toMatchObject({ version: expect.stringMatching(/^4\./) as string });
    expect(client.url).toBe(url);
  });
});

describe('several workers', () => {
  test('the next one is asked when one can not be reached', async () => {
    const client = createConnectClient({ url: `${nobody},${worker}`, retryForMs: 0 });
    expect(await client.names()).toEqual(expect.any(Array));
    const none = createConnectClient({ url: `${nobody},http://127.0.0.1:10`, retryForMs: 30_000 });
    const began = Date.now();
    await expect(none.names()).rejects.toThrow(
      "can't be reached at http://127.0.0.1:9 (ECONNREFUSED), http://127.0.0.1:10 (ECONNREFUSED).",
    );
    // A refused connection is not waited for.
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  test('also in the middle, when the one that has answered so far goes away, and back', async () => {
    const [first, second] = [await proxy(), await proxy()];
    const client = createConnectClient({ url: `${first.url},${second.url}`, retryForMs: 0 });
    await client.names();
    await client.worker();
    expect([first.seen.length, second.seen.length]).toEqual([2, 0]);
    await first.close();
    await client.names();
    await client.worker();
    expect([first.seen.length, second.seen.length]).toEqual([2, 2]);
    await second.close();
    await first.reopen();
    await client.names();
    expect([first.seen.length, second.seen.length]).toEqual([3, 2]);
  });

  test('a gateway with nobody behind it is as good as nobody', async () => {
    const { url } = await proxy({ status: 503 });
    const client = createConnectClient({ url: `${url},${worker}`, retryForMs: 0 });
    expect(await client.names()).toEqual(expect.any(Array));
  });

  test('what passes by itself is not called a fault of the connector file', async () => {
    const { url } = await proxy({ status: 409 });
    const client = createConnectClient({ url, retryForMs: 0 });
    await expect(client.names()).rejects.toMatchObject({
      code: 'connect_refused',
      remedy: 'It passes by itself: try again in a moment.',
    });
  });

  test('a follower may send us on to the leader; the password goes only where it was given for', async () => {
    const leader = await proxy({ certificates });
    const follower = await proxy({ certificates, redirectTo: leader.url });
    const access = readAccess({ ...tlsFiles(), ...password }, 'CONNECT');
    const both = createConnectClient({ url: `${follower.url},${leader.url}`, ...access });
    await both.names();
    const authorization = `Basic ${Buffer.from('ops:hunter2').toString('base64')}`;
    expect([follower.seen, leader.seen]).toEqual([[authorization], [authorization]]);
    const one = createConnectClient({ url: follower.url, ...access });
    await one.names();
    expect(leader.seen).toEqual([authorization, undefined]);
  });
});
