import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Paths of PEM files: an authority, and a server and a client that it vouches for. */
export interface TestCertificates {
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
  remove(): void;
}

/**
 * Made by openssl for this run, so that no private key is in the repository.
 * @param hosts whom the certificates are for, as openssl wants it
 */
export function makeCertificates(hosts = 'IP:127.0.0.1,DNS:localhost'): TestCertificates {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...words: string[]): unknown =>
    execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=test authority',
    '-days',
    '2',
  );
  writeFileSync(at('san.txt'), `subjectAltName=${hosts}`);
  const signed = (name: string): { cert: string; key: string } => {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'san.txt'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`);
    return { cert: at(`${name}.pem`), key: at(`${name}.key`) };
  };
  return {
    ca: at('ca.pem'),
    server: signed('server'),
    client: signed('client'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface ConnectProxy {
  /** Without user and password. */
  readonly url: string;
  /** The header `authorization` of each request so far; undefined for none. */
  readonly seen: (string | undefined)[];
  /** Nobody answers at its address any more. */
  close(): Promise<void>;
  /** Answers again, at the same address. */
  reopen(): Promise<void>;
}

export interface ProxyOptions {
  /** A real worker's address. */
  readonly target: string;
  readonly certificates?: TestCertificates;
  /** Basic authentication that it asks for, as `user:password`. */
  readonly credentials?: string;
  /** Instead of forwarding it sends everybody on to there, as a follower of a cluster may. */
  readonly redirectTo?: string;
  /** Instead of forwarding it answers this status. */
  readonly status?: number;
}

/** What may stand between us and a cluster: TLS (with a client's certificate, too), a password, a redirect, a gateway. */
export async function startConnectProxy(options: ProxyOptions): Promise<ConnectProxy> {
  const seen: (string | undefined)[] = [];
  const listener: http.RequestListener = (request, response) => {
    const { authorization } = request.headers;
    seen.push(authorization);
    const wanted =
      options.credentials === undefined
        ? authorization
        : `Basic ${Buffer.from(options.credentials).toString('base64')}`;
    if (options.redirectTo !== undefined)
      response.writeHead(307, { location: `${options.redirectTo}${request.url ?? ''}` }).end();
    else if (options.status !== undefined) response.writeHead(options.status).end();
    else if (authorization !== wanted)
      response.writeHead(401).end('{"error_code":401,"message":"Unauthorized"}');
    else forward(options.target, request, response);
  };
  const files = options.certificates;
  const server =
    files === undefined
      ? http.createServer(listener)
      : https.createServer(
          {
            cert: readFileSync(files.server.cert),
            key: readFileSync(files.server.key),
            ca: readFileSync(files.ca),
            requestCert: true,
            rejectUnauthorized: true,
          },
          listener,
        );
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `${files === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    reopen: () => listen(port),
  };
}

function forward(target: string, request: http.IncomingMessage, response: http.ServerResponse): void {
  const { method, url = '', headers } = request;
  const onward = http.request(`${target}${url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.writeHead(502).end());
  request.pipe(onward);
}
