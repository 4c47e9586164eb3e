import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStage, product, type Stage, titlesOf } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await stage.fill([
    product({ title: 'Blue Mug', vendor: 'The Who' }),
    product({
      title: '<script>alert(1)</script> Poster',
      descriptionHtml: '<p>Shows &lt;img src=x onerror=alert(2)&gt; on a wall &amp; a poster frame.</p>',
      tags: ['"><svg onload=alert(3)> poster'],
    }),
    product({ title: 'سجادة صوف', vendor: 'مصنع' }),
    product({ title: '抹茶碗 Matcha Bowl' }),
    product({ title: 'Party Hat 🎉' }),
    product({ title: 'To Be or Not to Be', productType: 'Books' }),
    product({ title: 'Crème Brûlée Dish' }),
  ]);
});
afterAll(() => stage.close());

const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index));

describe('whatever is typed', () => {
  test.each([
    ['operators', 'mug AND (NOT lamp) OR title:* || +blue -red ~2 ^5 /re.*/ [1 TO *]'],
    ['quotes', '"blue" \'mug\' "unclosed'],
    ['JSON', '{"query":{"match_all":{}}}'],
    ['a script', '<script>alert(1)</script>'],
    ['null bytes', 'blue\u0000mug\u0000'],
    ['control characters', '\u0001\u0002\u001b[31mblue\u007f'],
    ['lone surrogates', 'blue \ud800 mug \udc00'],
    ['right to left', '\u202eسجادة\u202c'],
    ['emoji', '🎉👩‍👩‍👧‍👦🏳️‍🌈'],
    ['combining marks', `e${'\u0301'.repeat(400)}`],
    ['10,000 characters', 'blue mug '.repeat(1_200)],
    ['one word of 10,000', 'a'.repeat(10_000)],
    ['500 words of one letter', Array.from({ length: 500 }, (_, index) => letters[index % 26]).join(' ')],
    ['250 parts of one word', Array.from({ length: 250 }, (_, index) => letters[index % 26]).join('-')],
    ['synonyms without end', 'tee sweater trainer skillet cutlery mug sofa lamp blanket notebook '.repeat(10)],
    ['500 Han characters', '茶'.repeat(500)],
    ['dots', '.'.repeat(10_000)],
    ['a placeholder', '{{query_string}} $\u007bjndi:ldap://x} %00 ../../_search'],
    ['the separator of tokens', 'a\u001fb'],
  ])('%s get an answer', async (_, query) => {
    const found = await stage.search(query);
    expect(found.totalCount).toBeGreaterThanOrEqual(0);
    const { queries, products } = await stage.suggest(query);
    expect(queries.length + products.length).toBeGreaterThanOrEqual(0);
  });

  test('is read as words', async () => {
    expect(titlesOf(await stage.search('"blue" AND mug'))).toContain('Blue Mug');
    expect(titlesOf(await stage.search('blue\u0000mug'))).toEqual(['Blue Mug']);
    expect(titlesOf(await stage.search('سجادة'))).toEqual(['سجادة صوف']);
    expect(titlesOf(await stage.search('抹茶'))).toEqual(['抹茶碗 Matcha Bowl']);
    expect(titlesOf(await stage.search('🎉'))).toEqual(['Party Hat 🎉']);
    expect(titlesOf(await stage.search('creme brulee'))).toEqual(['Crème Brûlée Dish']);
    expect((await stage.search('?!…***')).totalCount).toBe(0);
  });

  test('may be stop words only', async () => {
    expect(titlesOf(await stage.search('to be or not to be'))[0]).toBe('To Be or Not to Be');
    expect(titlesOf(await stage.search('the who'))).toEqual(['Blue Mug']);
    expect(titlesOf(await stage.search('the blue mug of the who'))).toEqual(['Blue Mug']);
  });

  test('comes out harmless: a script in a title, a tag, a description or a query is text', async () => {
    const found = await stage.search('<script>alert(1)</script> poster');
    const [edge] = found.edges;
    expect(edge?.node.title).toBe('<script>alert(1)</script> Poster');
    const fragments = edge?.highlights.flatMap((one) => one.fragments) ?? [];
    expect(fragments.length).toBeGreaterThanOrEqual(3);
    expect(fragments.every((fragment) => fragment.replaceAll(/<\/?em>/g, '').includes('<') === false)).toBe(true);
    expect(fragments.join('\n')).toContain('&lt;<em>script</em>&gt;');
    expect(edge?.highlights.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['title', 'tags', 'description']),
    );
  });
});

describe('what cannot be asked', () => {
  const many = <Value>(length: number, value: (index: number) => Value) =>
    Array.from({ length }, (_, index) => value(index));

  test.each([
    ['no products', { first: 0 }],
    ['fewer than none', { first: -1 }],
    ['more than a hundred', { first: 101 }],
    ['a facet that is none', { filters: [{ field: 'status', values: ['DRAFT'] }] }],
    ['an option without a name', { filters: [{ field: 'option.', values: ['M'] }] }],
    ['a field of the index', { filters: [{ field: 'onSale', values: ['false'] }] }],
    ['a facet twice', { filters: many(2, () => ({ field: 'vendor', values: ['x'] })) }],
    ['21 filters', { filters: many(21, (index) => ({ field: `option.n${index}`, values: ['x'] })) }],
    ['101 values', { filters: [{ field: 'vendor', values: many(101, String) }] }],
    ['a value of a page', { filters: [{ field: 'vendor', values: ['x'.repeat(301)] }] }],
    ['five stars and more', { filters: [{ field: 'rating', values: ['5'] }] }],
    ['an unknown availability', { filters: [{ field: 'availability', values: ['SOON'] }] }],
    ['a price by values', { filters: [{ field: 'price', values: ['1000'] }] }],
    ['a price upside down', { filters: [{ field: 'price', min: 2, max: 1 }] }],
    ['a vendor by amounts', { filters: [{ field: 'vendor', min: 1 }] }],
  ])('%s is refused with a message', async (_, asked) => {
    expect(await stage.refused('mug', asked)).toBe('BAD_USER_INPUT');
  });

  test.each([0, 21])('%i suggestions are refused', async (first) => {
    await expect(stage.suggest('mug', first)).rejects.toThrow('BAD_USER_INPUT');
  });

  test('a search under a hundred aliases is refused after ten, and what was asked besides is answered', async () => {
    const aliases = many(100, (index) => `a${index}: searchProducts(query: "mug", first: 1) { totalCount }`).join(' ');
    const { result, errors } = await stage.ask<Record<string, unknown>>(`{ ${aliases} }`, {});
    expect(Object.values(result ?? {}).filter((answer) => answer !== null)).toHaveLength(10);
    expect(new Set(errors.map(({ extensions }) => extensions?.code))).toEqual(new Set(['BAD_USER_INPUT']));
  });

  test('but an option and a value may be as long as their limits, all signs', async () => {
    const filters = [{ field: `option.${'.'.repeat(293)}`, values: ['*'.repeat(300), 'ﬃ'.repeat(300)] }];
    expect((await stage.search('mug', { filters })).totalCount).toBe(0);
  });

  test('but much may: twenty filters of a hundred odd values', async () => {
    const filters = many(20, (index) => ({
      field: `option.${index} "\\[]{}()*?.|~@#&<>^-"`,
      values: many(100, (value) => `${value}\u0000\u001f"\\[]{}()*?+.|~@#&<>^-é🎉${'x'.repeat(200)}`),
    }));
    expect((await stage.search('mug', { filters })).totalCount).toBe(0);
    expect(
      (await stage.search('mug', { filters: [{ field: 'vendor', values: [] }, { field: 'price' }] })).totalCount,
    ).toBe(1);
  });
});
