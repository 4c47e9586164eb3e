import { createLocalJWKSet, createRemoteJWKSet, customFetch, type JWTVerifyGetKey, errors as joseErrors } from 'jose';

/** Keycloak's keys cannot be had, and none are known: no token can be judged now. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

const FETCH_TIMEOUT_MS = 3_000;
const KEEP_MS = 10 * 60_000;
/** An unknown key id makes us look again, so that rotation needs no restart; but not more often than this. */
const LOOK_AGAIN_AFTER_MS = 30_000;
const RETRY_AFTER_FAILURE_MS = 2_000;
/** While Keycloak is away, keys that were once fetched go on counting for this long. */
const KEEP_WHILE_AWAY_MS = 24 * 60 * 60_000;

/** The keys that sign access tokens: fetched on first use, kept, looked up again for a new key id, kept longer while Keycloak is away. */
export function fetchSigningKeys(jwksUrl: string): JWTVerifyGetKey {
  let failedAt = Number.NEGATIVE_INFINITY;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  const fetchRarely: typeof fetch = async (...request) => {
    if (Date.now() - failedAt < RETRY_AFTER_FAILURE_MS) throw new KeysUnavailable('Keycloak was away a moment ago');
    try {
      const response = await fetch(...request);
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      fetchedAt = Date.now();
      return response;
    } catch (cause) {
      failedAt = Date.now();
      throw new KeysUnavailable('Keycloak does not hand out its keys', { cause });
    }
  };
  const remote = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cacheMaxAge: KEEP_MS,
    cooldownDuration: LOOK_AGAIN_AFTER_MS,
    [customFetch]: fetchRarely,
  });
  /** The keys that we know while they are due to be looked up again. */
  let kept: JWTVerifyGetKey | undefined;
  return async (header, token) => {
    // Nobody waits for Keycloak as long as a key that it once handed out says enough.
    if (remote.fresh) kept = undefined;
    else if (Date.now() - fetchedAt <= KEEP_WHILE_AWAY_MS) {
      remote.reload().catch(() => undefined);
      kept ??= createLocalJWKSet(remote.jwks() ?? { keys: [] });
      try {
        return await kept(header, token);
      } catch {
        // Perhaps a newer key: that is worth waiting for.
      }
    }
    try {
      return await remote(header, token);
    } catch (error) {
      if (isVerdict(error)) throw error;
      const known = remote.jwks();
      if (known === undefined || Date.now() - fetchedAt > KEEP_WHILE_AWAY_MS)
        throw new KeysUnavailable('no keys', { cause: error });
      return await createLocalJWKSet(known)(header, token);
    }
  };
}

/** The keys are there and say no; anything else means that they could not be had. */
function isVerdict(error: unknown): boolean {
  return (
    error instanceof joseErrors.JWKSNoMatchingKey ||
    error instanceof joseErrors.JWKSMultipleMatchingKeys ||
    error instanceof joseErrors.JOSENotSupported
  );
}
