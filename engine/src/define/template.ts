/** Templates: text with CEL inside `${…}`. `$${` stands for a literal `${`; an expression may hold quoted braces. */

/** A stretch of literal text, or an expression. */
export type TemplatePart = { readonly text: string } | { readonly expr: string };

/** Parts of a template; null when an expression is not closed. */
export function parseTemplate(source: string): TemplatePart[] | null {
  const parts: TemplatePart[] = [];
  let text = '';
  let at = 0;
  while (at < source.length) {
    if (source.startsWith('$${', at)) {
      text += '${';
      at += 3;
    } else if (source.startsWith('${', at)) {
      const end = closingBrace(source, at + 2);
      if (end < 0) return null;
      if (text) parts.push({ text });
      text = '';
      parts.push({ expr: source.slice(at + 2, end).trim() });
      at = end + 1;
    } else {
      text += source[at];
      at += 1;
    }
  }
  if (text) parts.push({ text });
  return parts;
}

function closingBrace(source: string, from: number): number {
  let depth = 0;
  let quote = '';
  for (let at = from; at < source.length; at += 1) {
    const char = source[at];
    if (quote) {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '{') depth += 1;
    else if (char === '}') {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return -1;
}

/** Render with the values of its expressions; a template that does not parse is rendered as it stands. */
export function renderTemplate(source: string, evaluate: (expr: string) => string): string {
  const parts = source.includes('${') ? parseTemplate(source) : null;
  if (!parts) return source;
  return parts.map((part) => ('text' in part ? part.text : evaluate(part.expr))).join('');
}
