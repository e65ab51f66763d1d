/** What the commands print: JSON for programs, aligned columns for people. */

export interface Output {
  readonly json: boolean;
  /** `value` as JSON, or `lines` for people. */
  show(value: unknown, lines: () => readonly string[]): void;
}

export function output(json: boolean, write: (text: string) => void): Output {
  return {
    json,
    show: (value, lines) => write(json ? `${JSON.stringify(value, null, 2)}\n` : `${lines().join('\n')}\n`),
  };
}

/** Columns as wide as their widest cell; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
