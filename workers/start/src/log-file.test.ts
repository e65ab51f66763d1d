import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readable } from './console.ts';
import { LogFile, lineSplitter } from './log-file.ts';
import { lastWords } from './readiness.ts';

const directory = mkdtempSync(join(tmpdir(), 'callwright-log-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('LogFile', () => {
  it('never takes more than twice its bound', () => {
    const file = new LogFile(join(directory, 'a.log'), 1_000);
    for (let i = 0; i < 500; i += 1) file.write(`line ${i}`);
    file.close();
    expect(statSync(file.path).size).toBeLessThanOrEqual(1_000);
    expect(statSync(`${file.path}.1`).size).toBeLessThanOrEqual(1_000);
    expect(readFileSync(file.path, 'utf8')).toContain('line 499');
    expect(existsSync(`${file.path}.2`)).toBe(false);
  });

  it('goes on where it was, and writes nothing once closed', () => {
    const path = join(directory, 'b.log');
    for (const line of ['one', 'two']) {
      const file = new LogFile(path);
      file.write(line);
      file.close();
      file.write('late');
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });
});

describe('lineSplitter', () => {
  it('gives whole lines however they are cut, and bounds a line without end', () => {
    const lines: string[] = [];
    const splitter = lineSplitter((line) => lines.push(line));
    for (const part of ['ab', 'c\nde', '\n\nf']) splitter.push(part);
    splitter.end();
    expect(lines).toEqual(['abc', 'de', 'f']);
    splitter.push('x'.repeat(70_000));
    expect(lines.at(-1)).toHaveLength(70_000);
  });
});

describe('what is shown of a log', () => {
  it('is warnings and errors, in one line', () => {
    expect(readable('{"level":30,"msg":"fine"}')).toBeUndefined();
    expect(readable('{"level":50,"msg":"store away","err":{"message":"refused","stack":"…"}}')).toBe(
      'store away err=refused',
    );
    expect(readable('plain text')).toBeUndefined();
    expect(readable('{broken')).toBeUndefined();
  });

  it('names the reason when a process does not start', () => {
    expect(
      lastWords(['{"level":30,"msg":"starting"}', '{"level":60,"msg":"DATABASE_URL is not set"}', 'at main.ts']),
    ).toBe('DATABASE_URL is not set');
    expect(lastWords(["Error: Cannot find module 'x'", '    at a', 'Node.js v24'])).toBe(
      "Error: Cannot find module 'x'",
    );
    expect(lastWords([])).toBe('it says nothing');
  });
});
