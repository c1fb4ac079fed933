import { readFileSync } from 'node:fs';
import { describeError, PipelineError } from './errors.ts';

/** How a server lets us in: none of it is needed for the local ones. */
export interface Access {
  /** Of an HTTP server, basic authentication; what an address itself holds wins over it. */
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly tls?: TlsAccess;
}

/** PEM texts. `ca` is trusted instead of the public authorities; `cert` and `key` show the server who we are. */
export interface TlsAccess {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Who has variables of that kind: `CONNECT_USER`, `REGISTRY_CA_FILE` ... */
export type Guarded = 'KAFKA' | 'REGISTRY' | 'CONNECT';

/**
 * `<X>_USER` and `<X>_PASSWORD`, `<X>_CA_FILE`, `<X>_CERT_FILE` and `<X>_KEY_FILE`, each as far as it is set.
 * @throws PipelineError `config_invalid` for half of a pair, or a file that can't be read
 */
export function readAccess(env: Env, whose: Guarded): Access {
  const [user, password] = pair(env, `${whose}_USER`, `${whose}_PASSWORD`);
  const [certFile, keyFile] = pair(env, `${whose}_CERT_FILE`, `${whose}_KEY_FILE`);
  const ca = pemOf(`${whose}_CA_FILE`, valueOf(env, `${whose}_CA_FILE`));
  const cert = pemOf(`${whose}_CERT_FILE`, certFile);
  const key = pemOf(`${whose}_KEY_FILE`, keyFile);
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
