/** What both sides are told when a recording begins, in the languages of the platform. */
import type { Prompt } from '../protocol/index.ts';

const NOTICE: Readonly<Record<string, string>> = {
  en: 'This call is being recorded.',
  fr: 'Cet appel est enregistré.',
  it: 'Questa chiamata viene registrata.',
};

export function recordingNotice(language: string): Prompt {
  const short = language.slice(0, 2);
  const spoken = Object.hasOwn(NOTICE, short) ? short : 'en';
  return { items: [{ type: 'text', text: NOTICE[spoken]!, language: spoken }], bargeIn: false };
}
