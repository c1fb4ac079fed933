export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** Which text has which secret in it, and what stands around it. */
export function findSecrets(texts: readonly NamedText[], secrets: readonly string[]): string[] {
  return texts.flatMap(({ name, text }) =>
    secrets.flatMap((secret) =>
      [...spellings(secret)].flatMap((spelling) => {
        const at = text.indexOf(spelling);
        return at < 0 ? [] : [`${name}: ${secret} in …${text.slice(Math.max(0, at - 200), at + 100)}…`];
      }),
    ),
  );
}

/** As it is, in a URL, in base64 and as Postgres shows bytes. */
const spellings = (text: string): Set<string> =>
  new Set([
    text,
    encodeURIComponent(text),
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('hex'),
  ]);
