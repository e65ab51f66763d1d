/** Application arguments separated by blanks, with single quotes and backslashes as FreeSWITCH reads them. */

/** Splits at blanks outside single quotes. `\'` and `\\` stand for the character; other backslashes (as in `\d`) stay. */
export function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let current = '';
  let quoted = false;
  let any = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (char === '\\' && (text[i + 1] === "'" || text[i + 1] === '\\')) {
      current += text[++i];
      any = true;
    } else if (char === "'") {
      quoted = !quoted;
      any = true;
    } else if (char === ' ' && !quoted) {
      if (any) parts.push(current);
      current = '';
      any = false;
    } else {
      current += char;
      any = true;
    }
  }
  if (any) parts.push(current);
  return parts;
}
