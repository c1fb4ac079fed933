/** Colours that stay apart from each other, also for most who see fewer of them (Okabe and Ito), and grey. */
export const colours: readonly string[] = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#d55e00',
  '#56b4e9',
  '#7a6a00',
  '#666666',
];

export const colourOf = (index: number): string => colours[index % colours.length] ?? '#000000';

const escaped: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escapeXml = (text: string): string =>
  text.replaceAll(/[&<>"]/g, (sign) => escaped[sign] ?? sign);

export function svgText(
  x: number,
  y: number,
  text: string,
  style: {
    readonly anchor?: 'start' | 'middle' | 'end';
    readonly size?: number;
    readonly bold?: boolean;
  } = {},
): string {
  const { anchor = 'start', size = 12, bold = false } = style;
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" text-anchor="${anchor}"${bold ? ' font-weight="bold"' : ''}>${escapeXml(text)}</text>`;
}

export const round = (value: number): number => Math.round(value * 10) / 10;

/** A picture on white, so that it can be read on a dark page too. */
export function svgPicture(width: number, height: number, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" fill="#222" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    svgText(16, 24, title, { size: 15, bold: true }),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
