import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Comparison } from '../compare/render-comparison.ts';
import { renderDrains } from '../drain/render-drains.ts';
import type { DrainReport } from '../drain/render-drains.ts';
import { renderGrowth } from '../growth/render-growth.ts';
import type { GrowthReport } from '../growth/render-growth.ts';
import { renderIdle } from '../idle/render-idle.ts';
import type { IdleReport } from '../idle/render-idle.ts';
import { renderKills } from '../kill/render-kills.ts';
import type { KillReport } from '../kill/render-kills.ts';
import { renderShapes } from '../shapes/render-shapes.ts';
import type { ShapesReport } from '../shapes/render-shapes.ts';
import { renderSource } from '../source/render-source.ts';
import type { SourceReport } from '../source/render-source.ts';
import { renderStages } from '../stages/render-stages.ts';
import type { StagesReport } from '../stages/render-stages.ts';
import { comparisonSection } from './comparison-section.ts';
import type { Section } from './comparison-section.ts';
import { replaceSection } from './replace-section.ts';

const bench = fileURLToPath(new URL('../../../bench/', import.meta.url));
export const resultsFolder = `${bench}results/`;

const asCode = (text: string): Section => ({ markdown: `\`\`\`\n${text}\n\`\`\``, plots: {} });

/** Each section of the report that is made from a file in bench/results, by the file's name. */
const sections: Readonly<Record<string, (result: never) => Section>> = {
  compare: (result: Comparison) => comparisonSection(result, 'compare'),
  polling: (result: Comparison) => comparisonSection(result, 'polling'),
  sustain: (result: Comparison) => comparisonSection(result, 'sustain'),
  drain: (result: DrainReport) => asCode(`${renderDrains(result)}\nTaken ${result.takenAt.slice(0, 10)}.`),
  growth: (result: GrowthReport) => asCode(`${renderGrowth(result)}\nTaken ${result.takenAt.slice(0, 10)}.`),
  idle: (result: IdleReport) => asCode(`${renderIdle(result)}\nTaken ${result.takenAt.slice(0, 10)}.`),
  kill: (result: KillReport) => asCode(`${renderKills(result)}\nTaken ${result.takenAt.slice(0, 10)}.`),
  shapes: (result: ShapesReport) => asCode(`${renderShapes(result)}\nTaken ${result.takenAt.slice(0, 10)}.`),
  source: (result: SourceReport) => asCode(`${renderSource(result)}\nTaken ${result.takenAt.slice(0, 10)}.`),
  stages: (result: StagesReport) => asCode(`${renderStages(result)}\nTaken ${result.takenAt.slice(0, 10)}.`),
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
