import { ANONYMOUS, type Caller } from '@ebuy/runtime';
import { TokenRefused } from './access-token.ts';

/** Turns an access token into who it speaks for. */
export type TokenVerifier = (token: string) => Promise<Caller>;

/** Who asks, from the Authorization header alone: no header, nobody; a header that proves nothing, a refusal. */
export async function authenticate(authorization: string | undefined, verify: TokenVerifier): Promise<Caller> {
  if (authorization === undefined) return ANONYMOUS;
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization.trim())?.[1];
  if (token === undefined) throw new TokenRefused('not a bearer token');
  return verify(token);
}
