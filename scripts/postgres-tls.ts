/** What an address of the local server says of TLS: it speaks it only where somebody set it up so (POSTGRES_CA_FILE). */
export function postgresTls({ POSTGRES_CA_FILE: file }: Record<string, string>): string {
  return file ? `?sslmode=verify-full&sslrootcert=${encodeURIComponent(file)}` : '';
}
