/**
 * Says where a text stops being JSON. V8 names the place except for two messages: at the end of the text, and for an
 * unexpected token, where it quotes the surroundings; the first is given its place here.
 */
export function describeJsonError(message: string, text: string): string {
  if (message.startsWith('Unexpected end')) {
    const lines = text.split('\n');
    return `malformed JSON: it ends too early, at line ${lines.length} column ${(lines.at(-1) ?? '').length + 1}`;
  }
  return `malformed JSON: ${message.replace(' in JSON at position', ' at position')}`;
}
