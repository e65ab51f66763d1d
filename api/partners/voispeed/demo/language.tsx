/** The language of the pages: the browser's, or what was chosen. */
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { en } from './texts/en.ts';
import { fr } from './texts/fr.ts';

export type Texts = Readonly<Record<keyof typeof en, string>>;

const LANGUAGES: Readonly<Record<string, Texts>> = { en, fr };
const KEPT = 'demo-language';

const first = (): string => {
  const wanted = [localStorage.getItem(KEPT) ?? '', ...navigator.languages.map((one) => one.slice(0, 2))];
  return wanted.find((one) => Object.hasOwn(LANGUAGES, one)) ?? 'en';
};

const Language = createContext<{ readonly code: string; readonly choose: (code: string) => void }>({
  code: 'en',
  choose: () => {},
});

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [code, setCode] = useState(first);
  useEffect(() => {
    document.documentElement.lang = code;
  }, [code]);
  const choose = (next: string): void => {
    localStorage.setItem(KEPT, next);
    setCode(next);
  };
  return <Language value={{ code, choose }}>{children}</Language>;
}

export const useTexts = (): Texts => LANGUAGES[useContext(Language).code]!;
export const useLanguage = (): string => useContext(Language).code;

export function LanguageChoice() {
  const { code, choose } = useContext(Language);
  return (
    <span className="languages">
      {Object.keys(LANGUAGES).map((one) => (
        <button
          key={one}
          type="button"
          className="quiet"
          lang={one}
          aria-pressed={one === code}
          onClick={() => choose(one)}
        >
          {one === 'fr' ? 'Français' : 'English'}
        </button>
      ))}
    </span>
  );
}

/** `{name}` in a text, filled in. */
export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
