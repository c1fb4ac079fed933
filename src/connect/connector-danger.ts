import type { ConnectorChange } from './connector-changes.ts';
import type { ConnectorConfig } from './connector-file.ts';
import type { Danger } from './danger-judges.ts';
import { positionRules } from './danger-of-position.ts';
import { recordRules } from './danger-of-records.ts';

const rules = [...positionRules, ...recordRules];

/** The first rule for the key decides. Sentences say what happens, for a person who must decide. */
export function dangerOf(change: ConnectorChange, wanted: ConnectorConfig): Danger {
  const rule = rules.find(({ key }) => key.test(change.key));
  return rule?.judge(change, wanted) ?? { class: 'restart' };
}
