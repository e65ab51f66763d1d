import { expect, it } from 'vitest';
import { checkDigest, digestHa1 } from '../sip/digest.ts';
import { parseDigest } from '../sip/headers.ts';
import { answerChallenge } from './credentials.ts';

const account = { username: 'Mufasa', secret: 'Circle of Life', realm: null };
const challenge =
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

it('is right by the example of RFC 7616 §3.9.1', () => {
  const value = answerChallenge(
    account,
    { method: 'GET', uri: '/dir/index.html', challenge },
    'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  );
  expect(value).toContain('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"');
  expect(value).toContain('opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"');
});

it.each(['MD5', 'SHA-256'] as const)('passes our own check with %s', (algorithm) => {
  const value = answerChallenge(account, {
    method: 'REGISTER',
    uri: 'sip:h',
    challenge: `Digest realm="r", nonce="n", algorithm=${algorithm}, qop="auth"`,
  })!;
  const ha1 = {
    MD5: digestHa1('MD5', 'Mufasa', 'r', 'Circle of Life'),
    'SHA-256': digestHa1('SHA-256', 'Mufasa', 'r', 'Circle of Life'),
  };
  expect(checkDigest(parseDigest(value)!, 'REGISTER', { realm: 'r', ha1 })).toBe(true);
});

it('answers an old challenge without quality of protection or algorithm', () => {
  const value = answerChallenge(account, { method: 'INVITE', uri: 'sip:h', challenge: 'Digest realm="r", nonce="n"' })!;
  expect(value).not.toMatch(/qop|cnonce|algorithm/);
});

it('takes the first it can of several, and none of another realm, algorithm or protection', () => {
  const ask = (text: string, realm: string | null = null) =>
    answerChallenge({ ...account, realm }, { method: 'INVITE', uri: 'sip:h', challenge: text });
  const several = 'Digest realm="r", nonce="1", algorithm=SHA-512-256, Digest realm="r", nonce="2", algorithm=MD5';
  expect(ask(several)).toContain('nonce="2"');
  expect(ask('Digest realm="r", nonce="1"', 'other')).toBeNull();
  expect(ask('Digest realm="r", nonce="1", qop="auth-int"')).toBeNull();
  expect(ask('Basic realm="r"')).toBeNull();
  expect(ask('')).toBeNull();
});
