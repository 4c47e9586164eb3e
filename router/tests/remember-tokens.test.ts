import { ANONYMOUS } from '@ebuy/runtime';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { TokenRefused } from '../src/identity/access-token.ts';
import type { TokenVerifier } from '../src/identity/authenticate.ts';
import { rememberTokens } from '../src/identity/remember-tokens.ts';

let now: number;
let verified: string[];
let verify: TokenVerifier;

const tokenUntil = (seconds: number, subject = 'a') =>
  `e30.${Buffer.from(JSON.stringify({ exp: seconds, sub: subject })).toString('base64url')}.signature`;

beforeEach(() => {
  now = 1_000_000;
  verified = [];
  verify = rememberTokens(
    async (token) => {
      verified.push(token);
      if (token.includes('bad')) throw new TokenRefused('bad');
      return { ...ANONYMOUS, kind: 'user', id: token };
    },
    { now: () => now },
  );
});

describe('a token', () => {
  test('is verified once a minute, and is one caller all that time', async () => {
    const token = tokenUntil(10_000);
    const caller = await verify(token);
    now += 59_999;
    expect(await verify(token)).toBe(caller);
    now += 1;
    expect(await verify(token)).not.toBe(caller);
    expect(verified).toHaveLength(2);
  });

  test('is never taken to be sound beyond its own end', async () => {
    const token = tokenUntil(1_010);
    await verify(token);
    now = 1_009_999;
    await verify(token);
    expect(verified).toHaveLength(1);
    now = 1_010_000;
    await verify(token);
    expect(verified).toHaveLength(2);
  });

  test('is its own: another one, by a single letter, is verified', async () => {
    await verify(tokenUntil(10_000));
    await verify(`${tokenUntil(10_000)}x`);
    expect(verified).toHaveLength(2);
  });

  test('that is refused is refused each time', async () => {
    for (let round = 0; round < 2; round += 1) await expect(verify('bad')).rejects.toThrow(TokenRefused);
    expect(verified).toHaveLength(2);
  });
});
