import { decodeJwt } from 'jose';
import { Generations } from '../generations.ts';
import type { TokenVerifier } from './authenticate.ts';

export interface RememberOptions {
  readonly now?: () => number;
}

/** How long a token that was found sound is taken to be so: keys are looked up every ten minutes, so this adds little to a withdrawn one's life. */
const REMEMBERED_MS = 60_000;
const LIMITS = { maxEntries: 5_000, maxWeight: 8 * 1024 * 1024 };

/**
 * Verifies each token once a minute, whoever sends it however often; never longer than it is valid. What was refused is verified again,
 * and its refusal is not kept. One token is one caller object for as long as it is remembered.
 */
export function rememberTokens(verify: TokenVerifier, { now = Date.now }: RememberOptions = {}): TokenVerifier {
  const remembered = new Generations<Remembered>(LIMITS);
  return async (token) => {
    const known = remembered.get(token);
    if (known !== undefined && now() < known.until) return known.caller;
    const caller = await verify(token);
    const { exp = 0 } = decodeJwt(token);
    remembered.set(token, { caller, until: Math.min(exp * 1_000, now() + REMEMBERED_MS) }, token.length);
    return caller;
  };
}

interface Remembered {
  readonly caller: Awaited<ReturnType<TokenVerifier>>;
  readonly until: number;
}
