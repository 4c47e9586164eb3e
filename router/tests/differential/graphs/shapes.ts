import type { GraphText } from '../graph.ts';

/** Values that several subgraphs share, fields of one name and several types, lists in lists, scalars of any shape, non-null to the root. */
export const shapes: GraphText = {
  name: 'shapes',
  subgraphs: {
    left: `
      scalar JSON
      scalar DateTime
      type Query {
        root: Node!
        nodes(ids: [[ID!]!], at: Point, any: JSON): [[[Node!]]]
        shape: Shape
        shapes(of: [Kind]): [Shape!]!
        both: Both @shareable
        must: Strict!
        forms: [Form]
        pieces: [[Piece!]] @shareable
        when(from: DateTime!): DateTime
      }
      input Point { x: Float! = 0, y: Float, next: Point, kinds: [Kind!]! = [ROUND, FLAT] }
      enum Kind { ROUND FLAT }
      type Node @key(fields: "id") {
        id: ID!
        value: JSON
        left: Node
        list: [Node]
        strictList: [Node!]!
        grid: [[Shape!]!]!
        both: Both! @shareable
        when: DateTime
        kind: Kind!
        form: Form
        prototype: String
        valueOf: Boolean
        float: Float
      }
      union Shape = Circle | Square | Node
      interface Area { area(unit: String): Float same: String }
      type Circle implements Area { area(unit: String): Float same: String value: Int deep: Deep }
      type Square implements Area { area(unit: String): Float same: String value: Int side: Int! node: Node! }
      type Both @shareable { one: Int two: Deep left: String }
      type Deep @shareable { a: String deeper: Deep list: [Deep!] grid: [[Deep]] }
      type Piece { same: Int @shareable leftOnly: String }
      union Form = Round | Flat
      type Round @shareable { label: String! size: Int }
      type Flat { label: String size: Int! form: Form }
      type Strict { node: Node! again: Strict text: String! }
    `,
    right: `
      type Query { pieces: [[Piece!]] @shareable round: Round right: [Node] both: Both @shareable area: Area }
      type Node @key(fields: "id") {
        id: ID!
        right: Node
        strict: Node!
        both: Both! @shareable
        count: Int!
        counts: [[Int!]]
        names(of: [String]): [String]
        wall: Wall
      }
      type Both @shareable { one: Int two: Deep right: String }
      type Deep @shareable { a: String deeper: Deep list: [Deep!] grid: [[Deep]] }
      type Piece { same: Int @shareable rightOnly: [Int] }
      type Round @shareable { label: String size: Int }
      interface Area { area(unit: String): Float same: String }
      type Wall implements Area { area(unit: String): Float same: String nodes: [Node!] height: Float! }
    `,
    middle: `
      type Node @key(fields: "id") {
        id: ID!
        count: Int! @external
        counts: [[Int!]] @external
        middle: Node
        sum: Int @requires(fields: "count counts")
        must: String!
      }
    `,
  },
};
