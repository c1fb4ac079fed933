/** What every table and text of the command line fits into. */
export const WIDTH = 100;

/** A text in lines, broken between words. A word that is too long, such as an address, stays whole: it must be possible to copy it. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
