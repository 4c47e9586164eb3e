import type { GraphText } from '../graph.ts';

/** Entity interfaces, @interfaceObject, unions, interfaces that implement interfaces, values of one interface spread over subgraphs. */
export const media: GraphText = {
  name: 'media',
  subgraphs: {
    library: `
      type Query {
        shelf(kind: String): [Media!]
        medium(id: ID!): Media
        anything: [Thing]
        named: [Named]
        books: [Book!]!
      }
      interface Named { name: String }
      interface Media implements Named @key(fields: "id") { id: ID! name: String title(short: Boolean): String }
      type Book implements Media & Named @key(fields: "id") {
        id: ID! name: String title(short: Boolean): String pages: Int! sequel: Media author: Person
      }
      type Movie implements Media & Named @key(fields: "id") {
        id: ID! name: String title(short: Boolean): String minutes: Int cast: [Person!] constructor: Thing
      }
      type Record implements Media & Named @key(fields: "id") { id: ID! name: String title(short: Boolean): String tracks: [[Track!]] }
      type Track implements Named { name: String seconds: Int! }
      type Person implements Named @key(fields: "id") { id: ID! name: String }
      union Thing = Book | Person | Track
    `,
    ratings: `
      type Query { best(first: Int): [Media] worst: Media! }
      type Media @key(fields: "id") @interfaceObject {
        id: ID!
        name: String @external
        stars: Float
        reviews: [Note!]
        label: String @requires(fields: "name")
      }
      type Note { text: String about: Media! by: Person }
      type Person @key(fields: "id") { id: ID! notes: [Note] favourite: Media }
    `,
    people: `
      type Query { people: [Person!]! someone: Person subject: Subject  subjects: [[Subject]] }
      type Person @key(fields: "id") { id: ID! age: Int friends: [Person] pet: Pet pets: [Pet!] }
      interface Pet { name: String! owner: Person }
      type Cat implements Pet { name: String! owner: Person lives: Int }
      type Dog implements Pet { name: String! owner: Person tricks: [String!] }
      union Subject = Person | Cat | Book
      type Book @key(fields: "id") { id: ID! readers: [Person!] }
    `,
  },
};
