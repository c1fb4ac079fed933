import { readAccess, type Access } from '../platform/access.ts';
import { PipelineError } from '../platform/errors.ts';
import { httpAddress, isHttpAddress, type HttpAddress } from '../platform/http/http-address.ts';

/** Where a schema registry with the Confluent API is and how it lets us in. */
export interface RegistryAccess extends Access {
  /** User and password in it become basic authentication. */
  readonly url: string;
}

/** The address alone is enough where nothing else is asked for. */
export type RegistryPlace = string | RegistryAccess;

/**
 * REGISTRY_URL; REGISTRY_USER and REGISTRY_PASSWORD, REGISTRY_CA_FILE, REGISTRY_CERT_FILE and REGISTRY_KEY_FILE where they are set.
 * @throws PipelineError `config_invalid`
 */
export function readRegistryAccess(env: NodeJS.Dict<string>): RegistryAccess {
  const access = { url: env['REGISTRY_URL'] ?? '', ...readAccess(env, 'REGISTRY') };
  if (access.url === '')
    throw new PipelineError('config_invalid', 'REGISTRY_URL is not set.', {
      remedy: 'Add it to .env, or set it in the shell.',
    });
  registryAddress(access);
  return access;
}

export const accessOf = (place: RegistryPlace): RegistryAccess =>
  typeof place === 'string' ? { url: place } : place;

/**
 * Its address without credentials, which must not show up in messages.
 * @throws PipelineError `config_invalid`
 */
export function registryAddress(place: RegistryPlace): HttpAddress {
  const access = accessOf(place);
  if (isHttpAddress(access.url)) return httpAddress(access.url, access);
  // Not quoted: there may be a password in it.
  throw new PipelineError('config_invalid', 'That is no address of a schema registry.', {
    remedy: 'Give it as http://host:port/path or https://… (REGISTRY_URL).',
  });
}
