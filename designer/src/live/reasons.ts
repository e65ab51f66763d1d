/** Reasons of decisions in the reader's language. The engine tells them as short English texts, or as a word that outcomes have, too. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useWording } from '../editor/canvas/words.ts';

/** Text → key below `reasons`, with the one value in it. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/^skipped from outside$/, 'skipped'],
  [/^told from outside$/, 'told'],
  [/^told by the script$/, 'script'],
  [/^no condition holds$/, 'noCondition'],
  [/^shared calendar$/, 'calendar'],
  [/^after (\d+) tries$/, 'tries'],
  [/^no match after (\d+) tries$/, 'noMatch'],
  [/^condition (\d+)$/, 'condition'],
  [/^status (\d+)$/, 'status'],
  [/^share of (.+) %$/, 'share'],
];

/** The key of a reason and the value in it; null for one that is a word, or an author's own text. */
export function reasonKey(reason: string): { readonly key: string; readonly value: string } | null {
  for (const [pattern, key] of TEXTS) {
    const found = pattern.exec(reason);
    if (found) return { key, value: found[1] ?? '' };
  }
  return null;
}

/** Says a reason. */
export function useReasonText(): (reason: string) => string {
  const { t } = useTranslation('live');
  const wording = useWording();
  return useMemo(
    () => (reason) => {
      const found = reasonKey(reason);
      return found ? t(`reasons.${found.key}`, { value: found.value }) : wording.outcome(reason);
    },
    [t, wording],
  );
}
