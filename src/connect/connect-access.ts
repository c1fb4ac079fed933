import { readFileSync } from 'node:fs';
import { describeError, PipelineError } from '../platform/errors.ts';

/** How a Connect cluster lets us in: none of it is needed for the local one. */
export interface ConnectAccess {
  /** Basic authentication; what an address itself holds wins over it. */
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly tls?: ConnectTls;
}

/** PEM texts. `ca` is trusted instead of the public authorities; `cert` and `key` show the worker who we are. */
export interface ConnectTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * CONNECT_USER and CONNECT_PASSWORD, CONNECT_CA_FILE, CONNECT_CERT_FILE and CONNECT_KEY_FILE, each as far as it is set.
 * @throws PipelineError `config_invalid` for half of a pair, or a file that can't be read
 */
export function readConnectAccess(env: Readonly<Record<string, string | undefined>>): ConnectAccess {
  const [user, password] = pair(env, 'CONNECT_USER', 'CONNECT_PASSWORD');
  const [certFile, keyFile] = pair(env, 'CONNECT_CERT_FILE', 'CONNECT_KEY_FILE');
  const ca = pemOf('CONNECT_CA_FILE', valueOf(env, 'CONNECT_CA_FILE'));
  const cert = pemOf('CONNECT_CERT_FILE', certFile);
  const key = pemOf('CONNECT_KEY_FILE', keyFile);
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return {
    ...(user !== undefined && password !== undefined && { credentials: { user, password } }),
    ...(Object.keys(tls).length > 0 && { tls }),
  };
}

type Env = Readonly<Record<string, string | undefined>>;

function valueOf(env: Env, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

function pair(env: Env, first: string, second: string): [string | undefined, string | undefined] {
  const values: [string | undefined, string | undefined] = [valueOf(env, first), valueOf(env, second)];
  if ((values[0] === undefined) !== (values[1] === undefined))
    throw new PipelineError('config_invalid', `Of ${first} and ${second} only one is set.`, {
      remedy: 'Set both, or neither.',
    });
  return values;
}

function pemOf(name: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    const text = readFileSync(path, 'utf8');
    if (text.includes('-----BEGIN ')) return text;
  } catch (error) {
    throw new PipelineError('config_invalid', `The file of ${name} can't be read: ${describeError(error)}.`, {
      remedy: 'Give the path of a PEM file that this user may read.',
      cause: error,
    });
  }
  throw new PipelineError('config_invalid', `${path} (${name}) is not a PEM file.`, {
    remedy: 'Convert it: it must hold -----BEGIN ... lines.',
  });
}
