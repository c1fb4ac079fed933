/** A shorter one could be part of any word; one that is a word itself (`postgres`) is no secret, and would hide every other use of it. */
const SHORTEST = 6;
const WORD = /^[a-z]{1,11}$/;

const SECRET_NAME = /PASSWORD|TOKEN|SECRET|CREDENTIAL/;

/** What stands for a secret wherever one is shown. */
export const MASK = '…';

/** The passwords and tokens of an environment: by the variable's name, and those in addresses. Longest first, so that none is masked in part. */
export function secretsOf(env: Readonly<NodeJS.Dict<string>>): string[] {
  const found = Object.entries(env).flatMap(([name, value = '']) =>
    SECRET_NAME.test(name) ? [value] : passwordsIn(value),
  );
  const long = found.filter((secret) => secret.length >= SHORTEST && !WORD.test(secret));
  return [...new Set(long)].sort((a, b) => b.length - a.length);
}

/** Replaces secrets in a text, as they are, as in a URL and as in JSON; and what looks like one: in an address, behind `password=`. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  let masked = maskUrlPasswords(text).replaceAll(ASSIGNED, `$1${MASK}`);
  for (const secret of secrets)
    for (const form of new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]))
      masked = masked.replaceAll(form, MASK);
  return masked;
}

const ASSIGNED = /((?:password|passwd|secret|token)=)[^\s,;&"'\\]+/gi;
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@"']*):([^\s/?#"']*)@/gi;

export function maskUrlPasswords(text: string): string {
  return text.includes('://') ? text.replaceAll(URL_PASSWORD, `$1:${MASK}@`) : text;
}

function passwordsIn(value: string): string[] {
  return [...value.matchAll(URL_PASSWORD)].flatMap(([, , password = '']) => [password, decoded(password)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
