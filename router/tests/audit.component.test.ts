import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Audit, serverAudits } from 'graphql-http';
import { addressOf, type FixtureRouter, startFixtureRouter } from './fixture-router.ts';

/**
 * GraphQL over HTTP, judged by its working group's own audit. What it asks of a GET that any page could send contradicts our prevention of
 * cross-site request forgery; it is audited again as a client asks that shows it could not be such a page.
 */
const REFUSED_TO_FOREIGN_PAGES: Readonly<Record<string, string>> = {
  '5A70': 'a plain GET',
  D6D5: 'a plain GET with variables, for application/graphql-response+json',
  '6A70': 'a plain GET with variables, for application/json',
};

let fixture: FixtureRouter;
let plain: readonly Audit[];
let preflighted: readonly Audit[];

beforeAll(async () => {
  fixture = await startFixtureRouter();
  const url = addressOf(fixture.development);
  plain = serverAudits({ url });
  preflighted = serverAudits({
    url,
    fetchFn: (address: string, init: RequestInit = {}) =>
      fetch(address, { ...init, headers: { ...init.headers, 'apollo-require-preflight': '1' } }),
  });
});

afterAll(() => fixture.stop());

const failuresOf = async (audits: readonly Audit[]) => {
  const results = [];
  for (const audit of audits) results.push(await audit.fn());
  return results.flatMap((result) => (result.status === 'ok' ? [] : [`${result.id} ${result.name}: ${result.reason}`]));
};

// The second time every sound operation is known, and takes the short way.
describe.each(['new', 'known'])('while operations are %s', () => {
  test('all of the 61 audits are passed but what a foreign page could send', async () => {
    expect(plain).toHaveLength(61);
    const failures = await failuresOf(plain);
    expect(failures.map((failure) => failure.slice(0, 4)).sort()).toEqual(Object.keys(REFUSED_TO_FOREIGN_PAGES).sort());
  });

  test('all of them are passed by a client that shows it is no such page', async () => {
    expect(await failuresOf(preflighted)).toEqual([]);
  });
});
