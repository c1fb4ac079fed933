import type { Access } from '../access.ts';

/** A server that is asked over HTTP. */
export interface HttpAddress {
  /** Without user and password and without a slash at its end: for requests and messages. */
  readonly url: string;
  /** The value of the header `authorization`. */
  readonly authorization: string | undefined;
  readonly credentials: Access['credentials'];
}

export const isHttpAddress = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** @param text an address (`isHttpAddress`), whose user and password win over the access's */
export function httpAddress(text: string, access: Access): HttpAddress {
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
    credentials,
  };
}
