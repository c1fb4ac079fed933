import { maskSecrets } from '../platform/mask-secrets.ts';

/**
 * From here on nothing that this process prints has one of the secrets in it, whoever quoted it: a connector that was made by hand with a
 * password in its config, a trace, an address.
 */
export function maskOutput(secrets: readonly string[]): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...words: unknown[]) => boolean;
    stream.write = (text: unknown, ...rest: unknown[]) =>
      write(typeof text === 'string' ? maskSecrets(text, secrets) : text, ...rest);
  }
}
