import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * The schemas as text, for whoever serves, composes or reads them. This file is what the subgraphs load, so it stays light: it
 * imports nothing but node:fs. Composition, which brings Apollo's packages, stands in compose.ts.
 */

const schemaFolder = new URL('../', import.meta.url);
const subgraphsFolder = new URL('../subgraphs/', schemaFolder);

/** Where the composed, standard supergraph is committed. */
export const supergraphUrl: URL = new URL('supergraph.graphql', schemaFolder);

/** The clients' own documents: one file a client, named for it. */
export type ClientName = 'storefront' | 'console' | 'mobile' | 'partner';

/** Every client that has a file in schema/operations. */
export const clientNames: readonly ClientName[] = ['storefront', 'console', 'mobile', 'partner'];

/** What every subgraph shares: scalars, Money, AddressInput, PageInfo, UserError and the federation link. */
export function readSharedSdl(): string {
  return readFileSync(new URL('shared.graphql', schemaFolder), 'utf8');
}

/**
 * A subgraph's whole schema: the shared part, then its own subgraphs/NAME/schema.graphql.
 *
 * @param name the subgraph's folder, such as `orders`
 * @throws Error when there is no such schema, or when it links the federation specification a second time
 */
export function readSubgraphSdl(name: string): string {
  if (!/^[a-z]+$/.test(name))
    throw new Error(`"${name}" is not a subgraph's name: use the folder's name in lower case.`);
  const url = new URL(`${name}/schema.graphql`, subgraphsFolder);
  if (!existsSync(url))
    throw new Error(`There is no schema for the subgraph "${name}": write subgraphs/${name}/schema.graphql.`);
  return joinSdl(name, readSharedSdl(), readFileSync(url, 'utf8'));
}

/** The names of all subgraphs that have a schema, sorted, so that composition never depends on the file system's order. */
export function listSubgraphs(): string[] {
  return readdirSync(subgraphsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/schema.graphql`, subgraphsFolder)))
    .map((entry) => entry.name)
    .sort();
}

/**
 * The committed supergraph: the full one, with @authenticated, @requiresScopes, @cost and @listSize, as any router could serve it.
 *
 * @throws Error when it was never composed
 */
export function readSupergraphSdl(): string {
  if (!existsSync(supergraphUrl))
    throw new Error('schema/supergraph.graphql is missing: run `npm run schema:compose`.');
  return readFileSync(supergraphUrl, 'utf8');
}

/** The operations that a client sends, as one GraphQL document. */
export function readOperations(client: ClientName): string {
  return readFileSync(new URL(`operations/${client}.graphql`, schemaFolder), 'utf8');
}

/**
 * Puts the shared part before a subgraph's own.
 *
 * @throws Error when the subgraph's own part has a federation @link: it stands in shared.graphql, once
 */
export function joinSdl(name: string, shared: string, own: string): string {
  if (own.includes('specs.apollo.dev/federation')) {
    throw new Error(
      `subgraphs/${name}/schema.graphql links the federation specification: remove that, shared.graphql does it.`,
    );
  }
  return `${shared}\n${own}`;
}
