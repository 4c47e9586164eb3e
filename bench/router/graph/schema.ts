// The graph that every gateway of the bench serves: four subgraphs that own parts of one another's types.
import { composeSubgraphs } from '@ebuy/schema/compose';

const LINK = `extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.3"
  import: ["@key", "@external", "@requires", "@shareable"]
)`;

const accounts = `
  type Query {
    "Someone."
    user(id: ID!): User
  }
  "Someone who buys and reviews."
  type User @key(fields: "id") {
    "Who."
    id: ID!
    "As others see it."
    name: String!
    "Chosen once."
    username: String!
    "Where they live."
    city: String
  }
`;

const products = `
  type Query {
    "What is bought most."
    topProducts(page: Int!, first: Int!): [Product!]!
    "A page of everything there is, with all about it."
    catalogue(page: Int!, first: Int!): [Product!]!
  }
  "Something to buy."
  type Product @key(fields: "upc") {
    "Universal product code."
    upc: ID!
    "As on its page."
    name: String!
    "In cents."
    priceMinor: Int!
    "As packed."
    weightGrams: Int
    "A paragraph."
    description: String
    "Words to find it by."
    tags: [String!]!
    "Who makes it."
    maker: Maker
  }
  "A company that makes things."
  type Maker {
    "Its name."
    name: String!
    "Where it is."
    country: String
  }
`;

const stock = `
  type Product @key(fields: "upc") {
    upc: ID!
    priceMinor: Int! @external
    weightGrams: Int @external
    "Whether there is one."
    isInStock: Boolean!
    "How many there are."
    quantity: Int
    "What sending it costs, in cents: nothing for what is expensive."
    shippingMinor: Int @requires(fields: "priceMinor weightGrams")
  }
`;

const reviews = `
  type Product @key(fields: "upc") {
    upc: ID!
    "What was said about it."
    reviews: [Review!]!
  }
  type User @key(fields: "id") {
    id: ID!
    "What they said."
    reviews: [Review!]!
  }
  "What somebody said about a product."
  type Review {
    "Which."
    id: ID!
    "What was said."
    body: String!
    "One to five."
    stars: Int!
    "About what."
    product: Product!
    "By whom."
    author: User
  }
`;

const bodies = { accounts, products, stock, reviews };

export type SubgraphName = keyof typeof bodies;

export const SUBGRAPH_NAMES = Object.keys(bodies) as SubgraphName[];

export const sdlOf = (name: SubgraphName): string => `${LINK}\n${bodies[name]}`;

/** The supergraph with its subgraphs' addresses, as the peers want it. */
export function composeAt(urls: Readonly<Record<string, string>>): string {
  const supergraph = composeSubgraphs(SUBGRAPH_NAMES.map((name) => ({ name, sdl: sdlOf(name) })));
  return supergraph.replaceAll(/"http:\/\/(\w+)\/graphql"/g, (written, name: string) =>
    urls[name] === undefined ? written : JSON.stringify(urls[name]),
  );
}
