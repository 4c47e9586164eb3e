import type { IncomingMessage } from 'node:http';
import type { Caller } from '@ebuy/runtime';
import { TokenRefused } from '../identity/access-token.ts';
import { authenticate, type TokenVerifier } from '../identity/authenticate.ts';
import { KeysUnavailable } from '../identity/signing-keys.ts';
import { HttpRefusal } from './answer.ts';

/**
 * Who sends a request, whatever it asks for.
 *
 * @throws HttpRefusal 401 for a token that does not count, 503 while none can be checked
 */
export async function callerOf(request: IncomingMessage, verify: TokenVerifier): Promise<Caller> {
  try {
    return await authenticate(request.headers.authorization, verify);
  } catch (error) {
    if (error instanceof KeysUnavailable) {
      const message = 'Access tokens cannot be checked right now. Try again in a moment.';
      throw new HttpRefusal(503, 'SIGN_IN_UNAVAILABLE', message, { 'retry-after': '5' });
    }
    if (!(error instanceof TokenRefused)) throw error;
    const message = 'The access token is not valid or has expired. Sign in again, or send no token.';
    throw new HttpRefusal(401, 'UNAUTHENTICATED', message, {
      'www-authenticate': 'Bearer realm="ebuy", error="invalid_token"',
    });
  }
}
