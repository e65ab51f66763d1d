/** Every fixed text of the built-in flows: what is rendered once and shipped, so that a first call speaks at once. */
import { catalogue } from '@callwright/flows';
import type { SpeakRequest } from './provider.ts';

/** Distinct (language, text) pairs in stable order; texts with an expression inside are left to the run time. */
export function catalogueTexts(): readonly SpeakRequest[] {
  const found = new Map<string, SpeakRequest>();
  for (const document of Object.values(catalogue)) {
    for (const node of document.nodes) collect(node.config, document.language, found);
  }
  return [...found.values()].toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
}

const keyOf = ({ language, text }: SpeakRequest): string => `${language}\n${text}`;

function collect(value: unknown, language: string, found: Map<string, SpeakRequest>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, language, found);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const part = value as { type?: unknown; text?: unknown; language?: unknown };
  if (part.type === 'text') addText(part.text, typeof part.language === 'string' ? part.language : language, found);
  for (const item of Object.values(value)) collect(item, language, found);
}

/** A text is one string in the flow's language, or one per language. */
function addText(text: unknown, language: string, found: Map<string, SpeakRequest>): void {
  const texts = typeof text === 'string' ? { [language]: text } : (text as Record<string, unknown> | null);
  for (const [tag, words] of Object.entries(texts ?? {})) {
    if (typeof words !== 'string' || words.includes('${')) continue;
    const request = { text: words, language: tag };
    found.set(keyOf(request), request);
  }
}
