/** A user's state (T2) in words and colour. */
import { useTexts } from '../language.tsx';

export function Status({ code }: { readonly code: number | undefined }) {
  const texts = useTexts();
  const key = `status${code ?? 0}` as keyof typeof texts;
  return (
    <span className="status" data-status={code ?? 0}>
      {texts[key] ?? texts.status0}
    </span>
  );
}
