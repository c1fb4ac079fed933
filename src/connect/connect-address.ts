import { PipelineError } from '../platform/errors.ts';
import type { ConnectAccess } from './connect-access.ts';

/** One worker of a cluster. */
export interface ConnectAddress {
  /** Without user and password and without a slash at its end: for requests and messages. */
  readonly url: string;
  /** The value of the header `authorization`. */
  readonly authorization: string | undefined;
}

/**
 * The workers of `URL[,URL...]`, in that order.
 * @throws PipelineError `config_invalid` for an address that is none; it is not repeated, since it may hold a password
 */
export function connectAddresses(text: string, access: ConnectAccess): ConnectAddress[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw noAddress('The address of Kafka Connect is empty.');
  return parts.map((part, index) => {
    if (URL.canParse(part) && /^https?:$/.test(new URL(part).protocol)) return addressOf(part, access);
    const shown = part.includes('@') ? `Address ${index + 1}` : `"${part}"`;
    throw noAddress(`${shown} is not the address of a Kafka Connect worker.`);
  });
}

function noAddress(message: string): PipelineError {
  return new PipelineError('config_invalid', message, {
    remedy: 'Give one like http://127.0.0.1:18083, several separated by commas.',
  });
}

function addressOf(text: string, access: ConnectAccess): ConnectAddress {
  const address = new URL(text);
  const own = {
    user: decodeURIComponent(address.username),
    password: decodeURIComponent(address.password),
  };
  const credentials = own.user === '' ? access.credentials : own;
  address.username = '';
  address.password = '';
  return {
    url: address.href.replace(/\/+$/, ''),
    authorization:
      credentials && `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`,
  };
}
