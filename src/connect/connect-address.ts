import type { Access } from '../platform/access.ts';
import { PipelineError } from '../platform/errors.ts';
import { httpAddress, isHttpAddress, type HttpAddress } from '../platform/http/http-address.ts';

/**
 * The workers of `URL[,URL...]`, in that order.
 * @throws PipelineError `config_invalid` for an address that is none; it is not repeated, since it may hold a password
 */
export function connectAddresses(text: string, access: Access): HttpAddress[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw noAddress('The address of Kafka Connect is empty.');
  return parts.map((part, index) => {
    if (isHttpAddress(part)) return httpAddress(part, access);
    const shown = part.includes('@') ? `Address ${index + 1}` : `"${part}"`;
    throw noAddress(`${shown} is not the address of a Kafka Connect worker.`);
  });
}

function noAddress(message: string): PipelineError {
  return new PipelineError('config_invalid', message, {
    remedy: 'Give one like http://127.0.0.1:18083, several separated by commas.',
  });
}
