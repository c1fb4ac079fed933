import { InvalidArgumentError } from 'commander';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `PORT`, on this machine alone, or `HOST:PORT`. */
export function listenOption(text: string): ListenAddress {
  const [, host = '127.0.0.1', digits = ''] = /^(?:(.+):)?(\d{1,5})$/.exec(text.trim()) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535)
    throw new InvalidArgumentError(
      'Give a port such as 3010, or an address and a port such as 0.0.0.0:3010.',
    );
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port };
}
