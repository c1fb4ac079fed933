/**
 * Where a text stops being JSON, as `line:column`. V8 names the place in its message except for two: at the text's end, and for
 * an unexpected token. For that one the shortest beginning with the same complaint ends with the token's first wrong character.
 */
export function jsonErrorPlace(message: string, text: string): string {
  const named = /line (\d+) column (\d+)/.exec(message);
  if (named?.[1] !== undefined && named[2] !== undefined) return `${named[1]}:${named[2]}`;
  if (!complainsOfToken(text)) return placeAfter(text);
  let fine = 0;
  let wrong = text.length;
  while (wrong - fine > 1) {
    const middle = Math.floor((fine + wrong) / 2);
    if (complainsOfToken(text.slice(0, middle))) wrong = middle;
    else fine = middle;
  }
  return placeAfter(text.slice(0, wrong - 1));
}

function complainsOfToken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return error instanceof Error && error.message.startsWith('Unexpected token');
  }
}

function placeAfter(beginning: string): string {
  const lines = beginning.split('\n');
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
}
