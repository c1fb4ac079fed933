/** `skipped`: could not be asked, or makes no sense here; it says nothing about the pipeline. */
export type Verdict = 'ok' | 'warning' | 'problem' | 'skipped';

/** What one look at one thing says. */
export interface Judgement {
  readonly verdict: Verdict;
  /** What is so, in one sentence; short where all is well. */
  readonly sentence: string;
  /** What to do, in one sentence; undefined where all is well. */
  readonly remedy: string | undefined;
}

export const ok = (sentence: string): Judgement => ({ verdict: 'ok', sentence, remedy: undefined });
export const skipped = (sentence: string): Judgement => ({ verdict: 'skipped', sentence, remedy: undefined });
export const warning = (sentence: string, remedy: string): Judgement => ({
  verdict: 'warning',
  sentence,
  remedy,
});
export const problem = (sentence: string, remedy: string): Judgement => ({
  verdict: 'problem',
  sentence,
  remedy,
});

/** All that is wrong, or one word that nothing is: forty good topics are no news. */
export function wrongOr(judgements: readonly Judgement[], allWell: string): Judgement[] {
  const wrong = judgements.filter(({ verdict }) => verdict !== 'ok');
  return wrong.length === 0 ? [ok(allWell)] : wrong;
}
