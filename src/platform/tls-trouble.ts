/** Why two sides do not come to an encrypted connection. */
export type TlsTrouble =
  /** Theirs was not signed by whom we trust, or is for another name. */
  | { readonly kind: 'certificate'; readonly reason: string }
  /** They want ours, or do not trust it. */
  | { readonly kind: 'own certificate'; readonly reason: string }
  | { readonly kind: 'plain text'; readonly reason: string };

/** What a failed connection says about TLS; undefined when it failed for another reason. */
export function tlsTrouble(error: unknown): TlsTrouble | undefined {
  if (!Error.isError(error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const { message } = error;
  if (/wrong version number|packet length too long/i.test(message))
    return { kind: 'plain text', reason: 'it does not speak TLS' };
  if (/^ERR_SSL_.*ALERT/.test(code) || /\balert\b.*certificate/i.test(message))
    return { kind: 'own certificate', reason: 'it refuses our certificate, or that we have none' };
  // OpenSSL's and Node's names: SELF_SIGNED_CERT_IN_CHAIN, UNABLE_TO_VERIFY_LEAF_SIGNATURE, ERR_TLS_CERT_ALTNAME_INVALID ...
  if (/CERT|UNABLE_TO_VERIFY|^ERR_(?:TLS|SSL)|EPROTO/.test(code))
    // Node adds advice that is not ours.
    return { kind: 'certificate', reason: message.replace(/[;.] .*$/s, '').replace(/\.$/, '') };
  return undefined;
}

/** @param prefix of its variables: `<PREFIX>_CA_FILE` ...; `plain` what to do where it speaks no TLS */
export function tlsRemedy({ kind }: TlsTrouble, prefix: string, plain: string): string {
  if (kind === 'plain text') return plain;
  return kind === 'certificate'
    ? `Name the PEM file of the authority that signed its certificate in ${prefix}_CA_FILE, and use the host name that the certificate has.`
    : `Name the PEM files of a certificate that it knows, and its key, in ${prefix}_CERT_FILE and ${prefix}_KEY_FILE.`;
}

/** What speaks TLS hangs up on whoever does not, and now and then without a word on a certificate that it does not know. */
export function hangUpRemedy(url: string, prefix: string): string {
  return url.startsWith('https:')
    ? `If it asks for a certificate, name one that it knows in ${prefix}_CERT_FILE and ${prefix}_KEY_FILE; else ask again.`
    : `If it speaks TLS, let ${prefix}_URL begin with https://; else ask again.`;
}
