// What is asked. Each question's variables come from a page number: the same one for identical load, each request another for distinct load.
export interface Question {
  readonly name: 'one field' | 'nested' | 'list';
  readonly query: string;
  readonly variables: (page: number) => Readonly<Record<string, string | number>>;
}

/** So many different requests take turns: eight times as many as there are connections, so that no two in flight are the same. */
export const PAGES = 256;

export const QUESTIONS: readonly Question[] = [
  {
    name: 'one field',
    query: 'query OneField($id: ID!) { user(id: $id) { name } }',
    variables: (page) => ({ id: `u-${page}-0` }),
  },
  {
    name: 'nested',
    query: `query Nested($id: ID!, $page: Int!) {
  user(id: $id) {
    id
    name
    reviews {
      id
      body
      product { upc name priceMinor isInStock shippingMinor reviews { id stars author { id username } } }
    }
  }
  topProducts(page: $page, first: 5) {
    upc
    name
    isInStock
    quantity
    shippingMinor
    reviews { id body stars author { id name city } }
  }
}`,
    variables: (page) => ({ id: `u-${page}-0`, page }),
  },
  {
    name: 'list',
    query: `query List($page: Int!) {
  catalogue(page: $page, first: 130) { upc name priceMinor weightGrams description tags maker { name country } }
}`,
    variables: (page) => ({ page }),
  },
];

export const bodyOf = ({ query, variables }: Question, page: number): string =>
  JSON.stringify({ query, variables: variables(page) });
