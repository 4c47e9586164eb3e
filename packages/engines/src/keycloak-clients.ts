const REQUEST_TIMEOUT_MS = 15_000;

interface Administration {
  readonly url: string;
  readonly realm: string;
  readonly admin: string;
  readonly password: string;
}

interface ClientRepresentation {
  readonly id: string;
  readonly rootUrl?: string;
  readonly redirectUris?: readonly string[];
  readonly webOrigins?: readonly string[];
}

/**
 * Lets the named clients send people back to these origins, and to none else. A realm import never overwrites what is there,
 * and ports move between starts; so this is said at every start, through Keycloak's administration, and written only where it differs.
 */
export const allowOrigins = async (
  where: Administration,
  origins: Readonly<Record<string, readonly string[]>>,
): Promise<void> => {
  const token = await administratorToken(where);
  for (const [clientId, allowed] of Object.entries(origins)) {
    const found = (await ask(
      where,
      token,
      'GET',
      `/clients?clientId=${encodeURIComponent(clientId)}`,
    )) as ClientRepresentation[];
    const client = found[0];
    if (client === undefined) throw new Error(`The realm ${where.realm} has no client ${clientId}`);
    const wanted = {
      ...client,
      rootUrl: allowed[0] ?? '',
      redirectUris: allowed.map((origin) => `${origin}/*`),
      webOrigins: [...allowed],
    };
    if (isSame(client, wanted)) continue;
    await ask(where, token, 'PUT', `/clients/${client.id}`, wanted);
  }
};

const isSame = (a: ClientRepresentation, b: ClientRepresentation): boolean =>
  a.rootUrl === b.rootUrl &&
  sorted(a.redirectUris) === sorted(b.redirectUris) &&
  sorted(a.webOrigins) === sorted(b.webOrigins);

const sorted = (list: readonly string[] | undefined): string => [...(list ?? [])].sort().join(' ');

const administratorToken = async ({ url, admin, password }: Administration): Promise<string> => {
  const answer = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', username: admin, password }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  if (!answer.ok)
    throw new Error(
      `Keycloak refused its own administrator (${answer.status}): its data was made with another password. Begin anew with --fresh.`,
    );
  return ((await answer.json()) as { access_token: string }).access_token;
};

const ask = async (
  { url, realm }: Administration,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> => {
  const answer = await fetch(`${url}/admin/realms/${realm}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  if (!answer.ok)
    throw new Error(`Keycloak answered ${answer.status} to ${method} ${path}: ${(await answer.text()).slice(0, 300)}`);
  return answer.status === 200 ? answer.json() : null;
};
