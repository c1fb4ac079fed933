import { renderBarChart } from '../../bench/report/bar-chart.ts';
import { renderLineChart } from '../../bench/report/line-chart.ts';
import { replaceSection } from '../../bench/report/replace-section.ts';

describe('replaceSection', () => {
  const report =
    'mine\n<!-- a: begin (made) -->\nold\n<!-- a: end -->\nmine too\n<!-- b: begin -->\n<!-- b: end -->\n';

  test('changes what stands between the marks, and nothing else', () => {
    const changed = replaceSection(report, 'a', 'new');
    expect(changed).toBe(report.replace('old', '\nnew\n'));
    expect(replaceSection(changed, 'a', 'new')).toBe(changed);
  });

  test('keeps signs that mean something in a replacement', () => {
    expect(replaceSection(report, 'b', "costs $& and $'")).toContain("costs $& and $'");
  });

  test('refuses a report without the section', () => {
    expect(() => replaceSection(report, 'c', 'new')).toThrow('The report has no section "c"');
  });
});

const spread = (median: number) => ({ median, min: median / 2, max: median * 2 });

describe('renderLineChart', () => {
  const chart = {
    title: 'a < b & "c"',
    xName: 'orders/s',
    yName: 'ms',
    xs: [20, 100],
    lines: [
      {
        name: 'quick',
        points: new Map([
          [20, spread(2)],
          [100, spread(20)],
        ]),
      },
      { name: 'slow', points: new Map([[20, spread(200)]]) },
    ],
  };

  test('each line with its points, higher values higher up', () => {
    const svg = renderLineChart(chart);
    expect(svg.match(/<circle/g)).toHaveLength(3);
    const heights = [...svg.matchAll(/cy="([\d.]+)"/g)].map(([, y]) => Number(y));
    expect(heights).toEqual(heights.toSorted((a, b) => b - a));
    for (const name of ['quick', 'slow']) expect(svg).toContain(`>${name}</text>`);
  });

  test('is XML whatever the title, and has no number that is none', () => {
    const svg = renderLineChart(chart);
    expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(renderLineChart({ ...chart, lines: [] })).not.toMatch(/NaN|Infinity/);
  });
});

describe('renderBarChart', () => {
  test('the longest bar fills the room, others in proportion; sums stand behind', () => {
    const svg = renderBarChart({
      title: 'cost',
      unit: 's',
      parts: ['postgres', 'relay'],
      bars: [
        { name: 'one', values: { postgres: 1, relay: 3 } },
        { name: 'two', values: { postgres: 2 } },
      ],
    });
    const widths = [...svg.matchAll(/width="([\d.]+)" height="20"/g)].map(([, width]) => Number(width));
    expect(widths).toEqual([140, 420, 280, 0]);
    expect(svg).toContain('>4.00</text>');
    expect(svg).toContain('>2.00</text>');
  });
});
