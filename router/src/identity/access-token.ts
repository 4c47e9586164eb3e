import type { Caller } from '@ebuy/runtime';
import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { knownRoles, scopesOf } from './scopes.ts';
import { KeysUnavailable } from './signing-keys.ts';

/** The audience that an access token for the graph names. */
export const AUDIENCE = 'ebuy-graph';
const CLOCK_TOLERANCE_SECONDS = 30;
const MAX_TOKEN_LENGTH = 8_192;

/** The token proves nothing. The reason is for the log: whoever sent it is told no more than that it does not count. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

const claims = z.object({
  sub: z.string().min(1).max(255),
  /** Keycloak's word for what kind of token it is: an ID or refresh token says something else. */
  typ: z.literal('Bearer'),
  azp: z.string().min(1).max(255),
  /** The sign-in that it came from. A client's own token (client credentials) comes from none; a user's always does. */
  sid: z.string().optional(),
  email: z.string().max(320).optional(),
  email_verified: z.boolean().default(false),
  name: z.string().max(255).optional(),
  preferred_username: z.string().max(255).optional(),
  realm_access: z.object({ roles: z.array(z.string()).max(200) }).default({ roles: [] }),
});

/**
 * Who a Keycloak access token speaks for.
 *
 * @throws TokenRefused for anything but a sound one of this issuer, for the graph, not expired
 * @throws KeysUnavailable when it cannot be judged
 */
export async function verifyAccessToken(
  token: string,
  options: { readonly issuer: string; readonly keys: JWTVerifyGetKey },
): Promise<Caller> {
  if (token.length > MAX_TOKEN_LENGTH) throw new TokenRefused('too long');
  return toCaller(await verifySignature(token, options));
}

async function verifySignature(
  token: string,
  { issuer, keys }: { readonly issuer: string; readonly keys: JWTVerifyGetKey },
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['RS256', 'ES256'],
      issuer,
      audience: AUDIENCE,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    return payload;
  } catch (error) {
    if (error instanceof KeysUnavailable) throw error;
    throw new TokenRefused(error instanceof Error ? error.message : 'unreadable', { cause: error });
  }
}

function toCaller(payload: JWTPayload): Caller {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) throw new TokenRefused(`not an access token: ${parsed.error.issues[0]?.path.join('.')}`);
  const { sub, azp, sid, email, email_verified, name, preferred_username, realm_access } = parsed.data;
  const roles = knownRoles(realm_access.roles);
  const isClient = sid === undefined && preferred_username === `service-account-${azp.toLowerCase()}`;
  return {
    kind: isClient ? 'client' : 'user',
    id: isClient ? azp : sub,
    email: email ?? null,
    emailVerified: email !== undefined && email_verified,
    displayName: isClient ? null : (name ?? shownUsername(preferred_username)),
    roles,
    scopes: scopesOf(roles),
    clientId: azp,
  };
}

/** Who signs up with an address has it for a user name, too: it is nobody else's to read. */
function shownUsername(username: string | undefined): string | null {
  return username === undefined || username.includes('@') ? null : username;
}
