import { API_ERRORS, Problem } from '@callwright/api-contract';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { refuseUnstorableText } from './http/text-check.ts';
import { ApiError, problemOf, toApiError } from './problem.ts';

const coded = (code: string, extra: object = {}) => Object.assign(new Error('secret detail'), { code, ...extra });

describe('any error becomes one of the catalogue', () => {
  test.each([
    [coded('ECONNREFUSED'), 'API_UNAVAILABLE'],
    [coded('57P01'), 'API_UNAVAILABLE'],
    [coded('40P01'), 'API_UNAVAILABLE'],
    [new Error('timeout exceeded when trying to connect'), 'API_UNAVAILABLE'],
    [coded('23505', { constraint: 'ring_group_company_id_name_key' }), 'API_NAME_TAKEN'],
    [coded('23505', { constraint: 'phone_number_did' }), 'API_NUMBER_TAKEN'],
    [coded('23505', { constraint: 'directory_user_extension' }), 'API_NUMBER_TAKEN'],
    [coded('22008'), 'API_BAD_REQUEST'],
    [coded('STO_UNKNOWN_MEMBER'), 'API_UNKNOWN_MEMBER'],
    [coded('SPE_TIMEOUT'), 'API_SPEECH_UNAVAILABLE'],
    [coded('42P01'), 'API_INTERNAL'],
    [new TypeError('x is undefined'), 'API_INTERNAL'],
    ['a string', 'API_INTERNAL'],
    [undefined, 'API_INTERNAL'],
    [null, 'API_INTERNAL'],
  ])('%s is %s', (thrown, code) => {
    expect(toApiError(thrown).code).toBe(code);
  });

  test('what went wrong inside never leaves', () => {
    const problem = problemOf(toApiError(coded('42P01')), 'r-1');
    expect(JSON.stringify(problem)).not.toContain('secret detail');
    expect(problem).toEqual({
      type: 'urn:callwright:error:API_INTERNAL',
      title: API_ERRORS.API_INTERNAL.message,
      status: 500,
      code: 'API_INTERNAL',
      requestId: 'r-1',
    });
  });

  test('every problem has the documented form', () => {
    const full = new ApiError('API_FLOW_INVALID', {
      detail: 'd',
      errors: [{ path: 'a', message: 'b' }],
      diagnostics: [{ code: 'X', severity: 'error', path: [] }],
    });
    expect(Problem.safeParse(problemOf(full, 'r')).success).toBe(true);
  });
});

describe('text that cannot be stored', () => {
  test.each([['a\0b'], [{ a: ['x', { b: '\0' }] }], [{ 'k\0': 1 }], ['\ud800'], [['ok', '\udc00x']]])(
    '%j is refused',
    (value) => {
      expect(() => refuseUnstorableText(value)).toThrow(ApiError);
    },
  );

  test('everything else passes, and depth has an end', () => {
    refuseUnstorableText({ a: ['é', '𝄞', 1, null, true, { b: '' }] });
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i += 1) deep = [deep];
    expect(() => refuseUnstorableText(deep)).toThrow(ApiError);
  });
});

describe('configuration', () => {
  const least = { DATABASE_URL: 'postgres://x', CALLWRIGHT_SECRET_KEY_FILE: '/k' };

  test('has defaults, and empty means absent', () => {
    expect(readConfig({ ...least, CALLWRIGHT_HTTP_PORT: '' })).toMatchObject({
      httpPort: 8080,
      bind: '127.0.0.1',
      metricsTargets: [],
    });
  });

  test('names every variable that is wrong', () => {
    expect(() => readConfig({ CALLWRIGHT_HTTP_PORT: '99999' })).toThrow(
      /DATABASE_URL.*CALLWRIGHT_SECRET_KEY_FILE.*CALLWRIGHT_HTTP_PORT/,
    );
    expect(() => readConfig({ ...least, CALLWRIGHT_METRICS_TARGETS: 'calls' })).toThrow(/CALLWRIGHT_METRICS_TARGETS/);
  });

  test('processes of one role are told apart, and this one is left out', () => {
    const { metricsTargets } = readConfig({
      ...least,
      CALLWRIGHT_METRICS_TARGETS: 'calls=127.0.0.1:1,calls=127.0.0.1:2,api=127.0.0.1:3, io=127.0.0.1:4',
    });
    expect(metricsTargets).toEqual([
      { role: 'calls', url: 'http://127.0.0.1:1/metrics' },
      { role: 'calls-2', url: 'http://127.0.0.1:2/metrics' },
      { role: 'io', url: 'http://127.0.0.1:4/metrics' },
    ]);
  });
});
