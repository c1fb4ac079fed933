import type { ComponentChildren } from 'preact';

interface Props {
  readonly title: string;
  /** Of the row, on a wide screen; within a column always all of it. */
  readonly width: 'third' | 'half' | 'two-thirds' | 'full';
  /** Said at the right of the title. */
  readonly aside?: ComponentChildren;
  /** Why its source can't be read; what was known before stays on the page. */
  readonly problem?: string | null;
  readonly children: ComponentChildren;
}

/** One question and its answer. A source that can't be reached is said here and takes nothing else away. */
export function Section({ title, width, aside, problem = null, children }: Props) {
  const id = title.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  return (
    <section class="section" data-width={width} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside === undefined ? null : <span class="aside">{aside}</span>}
      </header>
      {problem === null ? null : <p class="problem">{problem}</p>}
      {children}
    </section>
  );
}
