import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Comparison } from '../compare/render-comparison.ts';
import { renderDrains } from '../drain/render-drains.ts';
import { renderGrowth } from '../growth/render-growth.ts';
import { idleChart, renderIdle } from '../idle/render-idle.ts';
import { renderKills } from '../kill/render-kills.ts';
import { renderShapes } from '../shapes/render-shapes.ts';
import { renderSource } from '../source/render-source.ts';
import { renderStages, stagesChart } from '../stages/render-stages.ts';
import { comparisonSection } from './comparison-section.ts';
import type { Section } from './comparison-section.ts';
import { replaceSection } from './replace-section.ts';

const bench = fileURLToPath(new URL('../../../bench/', import.meta.url));
export const resultsFolder = `${bench}results/`;

const asCode =
  <Report extends { readonly takenAt: string }>(render: (report: Report) => string) =>
  (report: Report): Section => ({
    markdown: `\`\`\`\n${render(report)}\nTaken ${report.takenAt.slice(0, 10)}.\n\`\`\``,
    plots: {},
  });

/** The same below a picture. */
const withChart =
  <Report extends { readonly takenAt: string }>(
    name: string,
    chart: (report: Report) => string,
    render: (report: Report) => string,
  ) =>
  (report: Report): Section => ({
    markdown: `![${name}](plots/${name})\n\n${asCode(render)(report).markdown}`,
    plots: { [name]: chart(report) },
  });

/** Each section of the report that is made from a file in bench/results, by the file's name. */
const sections: Readonly<Record<string, (result: never) => Section>> = {
  compare: (result: Comparison) => comparisonSection(result, 'compare'),
  polling: (result: Comparison) => comparisonSection(result, 'polling'),
  sustain: (result: Comparison) => comparisonSection(result, 'sustain'),
  drain: asCode(renderDrains),
  'drain-million': asCode(renderDrains),
  growth: asCode(renderGrowth),
  idle: withChart('idle-cores.svg', idleChart, renderIdle),
  kill: asCode(renderKills),
  shapes: asCode(renderShapes),
  source: asCode(renderSource),
  stages: withChart('stages-cpu.svg', stagesChart, renderStages),
};

/** Writes the sections of bench/REPORT.md whose figures there are, and their plots; all other text stays. */
export function writeReport(): void {
  const file = `${bench}REPORT.md`;
  let text = readFileSync(file, 'utf8');
  mkdirSync(`${bench}plots`, { recursive: true });
  for (const [name, sectionOf] of Object.entries(sections)) {
    const resultFile = `${resultsFolder}${name}.json`;
    if (!existsSync(resultFile)) continue;
    const { markdown, plots } = sectionOf(JSON.parse(readFileSync(resultFile, 'utf8')) as never);
    text = replaceSection(text, name, markdown);
    for (const [plot, svg] of Object.entries(plots)) writeFileSync(`${bench}plots/${plot}`, svg);
  }
  writeFileSync(file, text);
}
