import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Example } from './examples.ts';

/** The pages for people who open the graph in a browser: a local one at once, Apollo Sandbox on request. */
export interface Landing {
  /** True once it took the request. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
}

interface Page {
  readonly type: string;
  readonly body: string;
  readonly policy: string;
}

const folder = new URL('../../landing/', import.meta.url);
const LOCAL_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const SANDBOX_POLICY =
  "default-src 'none'; script-src 'self' https://embeddable-sandbox.cdn.apollographql.com; style-src 'self' " +
  "https://embeddable-sandbox.cdn.apollographql.com; frame-src https://sandbox.embed.apollographql.com; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** @param issuer where access tokens come from, for the line that gets one */
export function createLanding(examples: readonly Example[], issuer: string): Landing {
  const operations = JSON.stringify({ operations: examples, tokenCommand: tokenCommand(issuer) });
  const local = read('index.html', 'text/html');
  const sandbox = { ...read('sandbox.html', 'text/html'), policy: SANDBOX_POLICY };
  const assets = new Map<string, Page>([
    ['/landing/landing.css', read('landing.css', 'text/css')],
    ['/landing/landing.js', read('landing.js', 'text/javascript')],
    ['/landing/sandbox.js', read('sandbox.js', 'text/javascript')],
    ['/landing/operations.json', { type: 'application/json', body: operations, policy: LOCAL_POLICY }],
  ]);
  return {
    answer(request, response) {
      if (request.method !== 'GET') return false;
      const [path = '', search = ''] = (request.url ?? '').split('?', 2);
      const asset = assets.get(path);
      if (asset !== undefined) return send(response, asset);
      if (!wantsPage(request)) return false;
      if (path === '/') return redirect(response);
      if (path !== '/graphql') return false;
      return send(response, search === 'sandbox' ? sandbox : local);
    },
  };
}

/** A browser that was sent here asks for HTML first; a client that accepts anything does not. */
function wantsPage({ headers }: IncomingMessage): boolean {
  const accept = headers.accept ?? '';
  return accept.includes('text/html') && !accept.includes('json');
}

function tokenCommand(issuer: string): string {
  return [
    `curl -s ${issuer}/protocol/openid-connect/token \\`,
    '  -d grant_type=password -d client_id=ebuy-dev \\',
    '  -d username=shopper@example.com -d password=ebuy-demo |',
    '  node -p "JSON.parse(fs.readFileSync(0)).access_token"',
  ].join('\n');
}

function read(file: string, type: string): Page {
  return { type, body: readFileSync(new URL(file, folder), 'utf8'), policy: LOCAL_POLICY };
}

function send(response: ServerResponse, { type, body, policy }: Page): true {
  response.writeHead(200, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': policy,
    'cache-control': 'no-cache',
  });
  response.end(body);
  return true;
}

function redirect(response: ServerResponse): true {
  response.writeHead(302, { location: '/graphql', 'cache-control': 'no-store' }).end();
  return true;
}
