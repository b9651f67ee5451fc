import type { RuleView } from '../../../host';
import { t } from '../../../i18n/index.svelte';

/** What a rule takes, in a line. */
export function ruleWords(rule: RuleView): string {
  return [
    t(rule.on ? 'rules.on' : 'rules.off'),
    t(`rules.direction.${rule.direction}`),
    ...rule.records.map((one) => one.name),
    ...rule.domains,
    rule.selections.length ? t('rules.selectionCount', { count: rule.selections.length }) : '',
    rule.known_only ? t('rules.known') : '',
    rule.replies_only ? t('rules.replies') : '',
  ]
    .filter(Boolean)
    .join(' · ');
}
