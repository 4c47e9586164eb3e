import type { GraphText } from '../graph.ts';

/** @key, @requires (plain, nested, of lists, with arguments), @provides, @shareable, arguments of every kind, mutations. */
export const shop: GraphText = {
  name: 'shop',
  subgraphs: {
    products: `
      type Query {
        products(first: Int = 2, filter: ProductFilter, sort: [Sort!] = [NEW]): [Product!]!
        product(id: ID!): Product
        featured: Product!
        matrix: [[Product]]
        version: String @shareable
      }
      type Mutation { rename(id: ID!, name: String!): Product  count(by: Int! = 1): Int! }
      input ProductFilter { text: String = "any", price: Range, tags: [String!], not: ProductFilter, sort: Sort! = NEW }
      input Range { from: Float, to: Float! = 10 }
      enum Sort { NEW CHEAP BEST }
      type Product @key(fields: "id") @key(fields: "sku") {
        id: ID!
        sku: String!
        name(language: String = "en"): String
        price(currency: String): Money
        size: Size!
        parts: [Part!]
        grid: [[Part]!]
        constructor: String
        toString: Int
        sort: Sort
        related(first: Int): [Product]
        maker: Maker
      }
      type Money @shareable { amount: Int! currency: String! }
      type Size @shareable { width: Float height: Float unit: Unit }
      type Unit @shareable { name: String! }
      type Part { number: Int material: String weight: Float! }
      type Maker @key(fields: "id") { id: ID! }
    `,
    stock: `
      type Query { version: String @shareable  warehouse(id: ID!): Warehouse }
      type Product @key(fields: "id") {
        id: ID!
        size: Size! @external
        price(currency: String): Money @external
        parts: [Part!] @external
        available: Int
        shipping(to: String): Money @requires(fields: "size { width height unit { name } } price(currency: \\"EUR\\") { amount }")
        heaviest: String! @requires(fields: "parts { weight material }")
        warehouses(near: [Float!]): [Warehouse!]
      }
      type Part { weight: Float! @external material: String @external }
      type Money @shareable { amount: Int! currency: String! }
      type Size @shareable { width: Float height: Float unit: Unit }
      type Unit @shareable { name: String! }
      type Warehouse @key(fields: "id") { id: ID! place: Place best: Product }
      type Place { city: String! country: Country! }
      type Country { code: ID! name: String }
    `,
    reviews: `
      type Query { reviews(of: [ID!]!): [Review]! latest: Review @provides(fields: "author { name }") }
      type Mutation { review(text: String): Review! }
      type Review @key(fields: "id") {
        id: ID!
        text(limit: Int): String
        stars: Int!
        author: User @provides(fields: "name")
        product: Product!
        replies: [[Review!]!]
      }
      type Product @key(fields: "sku") { sku: String! reviews(last: Int = 1): [Review!] rating: Float }
      type User @key(fields: "id") { id: ID! name: String @external reviews: [Review] }
    `,
    users: `
      type Query { me: User users(ids: [ID]): [User]! }
      type User @key(fields: "id") {
        id: ID!
        name: String @shareable
        address: Address
        friends(first: Int): [User!]!
        likes: [Product]
      }
      type Address { lines: [String]! at: [[Float!]] }
      type Product @key(fields: "id", resolvable: false) { id: ID! }
      type Maker @key(fields: "id") { id: ID! name: String! people: [User] }
    `,
  },
};
