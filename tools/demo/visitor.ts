// Someone at the shop's only door, the router: a guest, or whoever signed in. The demo, the scenarios and the bench all shop through this.
import { request } from 'undici';

const DEADLINE_MS = 30_000;

/** A GraphQL answer as it came, refusals and all. */
export interface Answer<Result> {
  readonly status: number;
  readonly result: Result | null;
  readonly errors: readonly GraphError[];
}

export interface GraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly correlationId?: string };
}

export interface Visitor {
  /** Sends one operation. GraphQL errors come back in the answer; it rejects only when the router does not answer as a graph. */
  ask<Result>(query: string, variables?: object): Promise<Answer<Result>>;
  /** The same, for operations that must succeed: rejects when there are GraphQL errors, with all of them in the message. */
  get<Result>(query: string, variables?: object): Promise<Result>;
}

/** A visitor of the graph at `url`; a guest without an access token. */
export function visit(url: string, accessToken?: string): Visitor {
  const headers = {
    'content-type': 'application/json',
    ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
  };
  const ask = async <Result>(query: string, variables: object = {}) => {
    const response = await request(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const text = await response.body.text();
    return { status: response.statusCode, ...read<Result>(response.statusCode, text) };
  };
  return {
    ask,
    async get<Result>(query: string, variables?: object) {
      const { result, errors } = await ask<Result>(query, variables);
      if (errors.length > 0 || result === null) throw new Error(`The graph answered ${JSON.stringify(errors)}`);
      return result;
    },
  };
}

/** An access token by direct grant: the command line's client of the development realm. */
export function signIn(keycloak: string, email: string, password = 'ebuy-demo'): Promise<string> {
  return requestToken(keycloak, {
    grant_type: 'password',
    client_id: 'ebuy-dev',
    scope: 'openid',
    username: email,
    password,
  });
}

/** An access token of a partner's machine (client credentials). */
export function signInClient(keycloak: string, clientId: string, secret: string): Promise<string> {
  return requestToken(keycloak, { grant_type: 'client_credentials', client_id: clientId, client_secret: secret });
}

async function requestToken(keycloak: string, form: Readonly<Record<string, string>>): Promise<string> {
  const response = await request(`${keycloak.replace(/\/$/, '')}/realms/ebuy/protocol/openid-connect/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const answer = (await response.body.json()) as { access_token?: string; error_description?: string };
  if (answer.access_token !== undefined) return answer.access_token;
  const who = form.username ?? form.client_id;
  throw new Error(`Keycloak did not sign ${who} in: ${answer.error_description ?? `status ${response.statusCode}`}`);
}

function read<Result>(status: number, text: string): { result: Result | null; errors: readonly GraphError[] } {
  try {
    const { data, errors } = JSON.parse(text) as { data?: Result | null; errors?: GraphError[] };
    return { result: data ?? null, errors: errors ?? [] };
  } catch (cause) {
    throw new Error(`The router answered ${status} with something that is not JSON: ${text.slice(0, 200)}`, { cause });
  }
}
