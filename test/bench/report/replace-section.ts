/**
 * Puts `content` between `<!-- name: begin … -->` and `<!-- name: end -->`. What people wrote around them stays.
 * @throws Error when the text has no such place
 */
export function replaceSection(text: string, name: string, content: string): string {
  const begin = new RegExp(`<!-- ${name}: begin[^>]*-->\n`).exec(text);
  const end = text.indexOf(`<!-- ${name}: end -->`);
  if (begin === null || end < begin.index)
    throw new Error(
      `The report has no section "${name}": it needs <!-- ${name}: begin --> and <!-- ${name}: end -->.`,
    );
  return `${text.slice(0, begin.index + begin[0].length)}\n${content.trim()}\n\n${text.slice(end)}`;
}
