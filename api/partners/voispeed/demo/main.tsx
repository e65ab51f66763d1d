/** The example programs, each loaded when it is opened. */
import { type ComponentType, lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import './demo.css';
import { fill, LanguageChoice, LanguageProvider, useTexts } from './language.tsx';

const PROGRAMS: Readonly<Record<string, ComponentType>> = {
  'telephone-bar': lazy(() => import('./telephone-bar/telephone-bar.tsx')),
  dialer: lazy(() => import('./dialer/dialer.tsx')),
  loggers: lazy(() => import('./loggers/loggers.tsx')),
};

function Contents() {
  const texts = useTexts();
  const programs = [
    ['telephone-bar', texts.telephoneBar, texts.telephoneBarIntro],
    ['dialer', texts.dialer, texts.dialerIntro],
    ['loggers', texts.loggers, texts.loggersIntro],
  ] as const;
  return (
    <>
      <header className="top">
        <h1>{texts.programs}</h1>
        <LanguageChoice />
      </header>
      <main>
        <p>{fill(texts.programsIntro, {})}</p>
        <ul className="programs">
          {programs.map(([path, title, intro]) => (
            <li key={path} className="card">
              <h2>
                <a href={path}>{title}</a>
              </h2>
              <p>{intro}</p>
            </li>
          ))}
        </ul>
      </main>
    </>
  );
}

function Page() {
  const name = location.pathname.split('/').pop() ?? '';
  const Program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name]! : Contents;
  return (
    <Suspense>
      <Program />
    </Suspense>
  );
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <LanguageProvider>
      <Page />
    </LanguageProvider>
  </StrictMode>,
);
