import { readOperations, readSupergraphSdl } from '@ebuy/schema';
import { describe, expect, test } from '@jest/globals';
import { parse, print } from 'graphql';
import { readConfig } from '../src/config.ts';
import { toPlannerSupergraph } from '../src/gateway/planner-supergraph.ts';
import { presentError } from '../src/graph/errors.ts';
import { createPartnerSafelist } from '../src/graph/partner-safelist.ts';
import { knownRoles, scopesOf } from '../src/identity/scopes.ts';

describe("the partners' safelist", () => {
  const isSafelisted = createPartnerSafelist();
  const [first = ''] = readOperations('partner').split(/(?=^query PartnerStock)/m);
  const stock =
    'query PartnerStock($skus: [String!]!) { variantsBySku(skus: $skus) { sku availability availableQuantity } }';

  test.each([
    ['as it stands', stock],
    ['printed', print(parse(stock))],
    ['with other blanks, commas and comments', stock.replaceAll(' ', '\n,\t').concat('# mine\n')],
    ['with the comments that stand above it', first],
    ['the whole file, one chosen by name', readOperations('partner')],
  ])('knows an operation %s', (_, text) => {
    expect(isSafelisted(text)).toBe(true);
  });

  test.each([
    ['one more field', stock.replace('sku availability', 'sku id availability')],
    ['an alias', stock.replace('{ sku', '{ x: sku')],
    ['another variable type', stock.replace('[String!]!', '[ID!]!')],
    ['another name', stock.replace('PartnerStock', 'partnerStock')],
    ['two of them', `${stock} ${first}`],
    ['something else entirely', '{ me { email } }'],
    ['nothing', ''],
    ['no GraphQL', '"'],
    ['a very long comment', `${stock}#${'x'.repeat(1_000_000)}`],
  ])('knows no %s', (_, text) => {
    expect(isSafelisted(text)).toBe(false);
  });
});

describe('roles and scopes', () => {
  test('a shopper needs no scope', () => {
    expect(scopesOf(['customer'])).toEqual([]);
  });

  test('an admin may all that staff may, and more', () => {
    const admin = scopesOf(['admin']);
    expect(admin).toEqual(
      expect.arrayContaining([...scopesOf(['merchandiser', 'support']), 'users:admin', 'audit:read']),
    );
    expect(admin.some((scope) => scope.startsWith('partner:'))).toBe(false);
  });

  test('names that are no role of ours give nothing', () => {
    expect(knownRoles(['uma_authorization', 'Admin', '__proto__', 'constructor', 7, null])).toEqual([]);
  });
});

describe("the planner's copy of the supergraph", () => {
  const link = (feature: string) => `@link(url: "https://specs.apollo.dev/${feature}/v0.1", for: SECURITY)`;

  test('loses the marks of what is enforced beside it, and nothing else', () => {
    const header = `schema @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) ${link('authenticated')} ${link('requiresScopes')}`;
    expect(toPlannerSupergraph(header)).toBe(
      'schema @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) ' +
        '@link(url: "https://specs.apollo.dev/authenticated/v0.1") @link(url: "https://specs.apollo.dev/requiresScopes/v0.1")',
    );
  });

  test('keeps what the gateway enforces itself', () => {
    expect(toPlannerSupergraph(link('inaccessible'))).toBe(link('inaccessible'));
  });

  test('can be made of the committed supergraph', () => {
    expect(toPlannerSupergraph(readSupergraphSdl())).not.toMatch(/(authenticated|requiresScopes)[^\n]*for: SECURITY/);
  });

  test('is not made when something is secured that nobody here enforces', () => {
    expect(() => toPlannerSupergraph(link('policy'))).toThrow(/policy/);
  });
});

describe('errors leave', () => {
  const correlationId = 'c-1234567';
  const ours = {
    message: 'connect ECONNREFUSED 10.0.0.7:5432',
    path: ['me'],
    extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', stacktrace: ['x'], serviceName: 'users' },
  };

  test('masked in production when they are ours', () => {
    const shown = presentError(ours, true, correlationId);
    expect(JSON.stringify(shown)).not.toMatch(/ECONN|10\.0|users|stack/);
    expect(shown).toMatchObject({
      path: ['me'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId: 'c-1234567' },
    });
  });

  test('with their message elsewhere, but never with a stack or a subgraph', () => {
    const shown = presentError(ours, false, correlationId);
    expect(shown).toMatchObject({ message: ours.message });
    expect(JSON.stringify(shown)).not.toMatch(/users|stack/);
  });

  test("as they are when they are the client's to mend", () => {
    const theirs = { message: 'Sign in first.', extensions: { code: 'UNAUTHENTICATED', retryAfterSeconds: 3 } };
    expect(presentError(theirs, true, correlationId)).toEqual({
      message: 'Sign in first.',
      extensions: { code: 'UNAUTHENTICATED', retryAfterSeconds: 3, correlationId: 'c-1234567' },
    });
  });
});

describe('settings', () => {
  const least = {
    SUBGRAPH_URLS: '{"users":"http://127.0.0.1:4001/graphql"}',
    IDENTITY_SIGN_KEYS: '{}',
    KEYCLOAK_ISSUER: 'http://127.0.0.1:8080/realms/ebuy',
    REDIS_URL: 'redis://127.0.0.1:4779',
  };

  test('have the defaults of the house', () => {
    expect(readConfig(least)).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      adminPort: 4100,
      allowedOrigins: [],
      environment: 'development',
      inFlightSharing: true,
      overrideLabels: [],
    });
    expect(readConfig({ ...least, IN_FLIGHT_SHARING: 'off', OVERRIDE_LABELS: 'new-cart,search.v2' })).toMatchObject({
      inFlightSharing: false,
      overrideLabels: ['new-cart', 'search.v2'],
    });
  });

  test.each([
    ['SUBGRAPH_URLS', 'users=4001'],
    ['SUBGRAPH_URLS', '{"users":"ftp://x"}'],
    ['KEYCLOAK_ISSUER', 'keycloak'],
    ['REDIS_URL', 'http://x'],
    ['ALLOWED_ORIGINS', 'http://a.test,http://b.test/path'],
    ['ALLOWED_ORIGINS', '*'],
    ['IN_FLIGHT_SHARING', 'yes'],
    ['OVERRIDE_LABELS', 'percent(10)'],
  ])('%s=%s is refused, and the value is not repeated', (name, value) => {
    expect(() => readConfig({ ...least, [name]: value })).toThrow(name);
    expect(() => readConfig({ ...least, [name]: value })).not.toThrow(value);
  });
});
