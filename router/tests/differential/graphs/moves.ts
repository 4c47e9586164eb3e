import type { GraphText } from '../graph.ts';

/** @override, with and without labels, several and compound keys, keys that do not resolve, @inaccessible, chains of @requires. */
export const moves: GraphText = {
  name: 'moves',
  subgraphs: {
    old: `
      type Query { orders(state: State): [Order!] order: Order byCode: Order @override(from: "fresh", label: "percent(50)") }
      type Order @key(fields: "id") @key(fields: "code region { name }") {
        id: ID!
        code: String!
        region: Region!
        total: Int
        state: State
        note: String
        lines: [Line!]
        hidden: String @inaccessible
      }
      type Region { name: String! @shareable zone: String }
      type Line @key(fields: "id") { id: ID! quantity: Int price: Int }
      enum State { OPEN SHUT }
    `,
    fresh: `
      type Query { byCode: Order latest: Order! line(id: ID!): Line }
      type Order @key(fields: "code region { name }") {
        code: String!
        region: Region!
        total: Int @override(from: "old")
        note: String @override(from: "old", label: "percent(50)")
        buyer: Buyer
        score: Int @requires(fields: "state")
        state: State @external
      }
      type Region @shareable { name: String! }
      enum State { OPEN SHUT }
      type Line @key(fields: "id") { id: ID! price: Int @override(from: "old", label: "percent(10)") tax: Int }
      type Buyer @key(fields: "email") { email: String! nick: String }
    `,
    risk: `
      type Query { risky: [Order] }
      type Order @key(fields: "id") {
        id: ID!
        score: Int @external
        buyer: Buyer @external
        risk: Float @requires(fields: "score")
        watch: [Order!] @requires(fields: "score buyer { email }")
      }
      type Buyer @key(fields: "email") @key(fields: "number") { email: String! number: Int! trust: Trust }
      type Trust { level: Int! why: [String] }
    `,
    mail: `
      type Query { buyers: [Buyer!]! }
      type Buyer @key(fields: "number") { number: Int! inbox(unread: Boolean! = true): [Letter] trustee: Buyer }
      type Letter { subject: String! from: Buyer order: Order }
      type Order @key(fields: "id") { id: ID! letters: [Letter!]! }
    `,
  },
};
