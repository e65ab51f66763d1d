/** Trimming of binary strings: `String.trim` would also take the byte A0, which ends many UTF-8 characters (`à` is C3 A0). */

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;

/** Without spaces, tabs and line breaks at the end. */
export function trimEndSpace(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return end === text.length ? text : text.slice(0, end);
}

/** Without spaces, tabs and line breaks at both ends. */
export function trimSpace(text: string): string {
  let start = 0;
  while (start < text.length && isSpace(text.charCodeAt(start))) start++;
  return trimEndSpace(start === 0 ? text : text.slice(start));
}
