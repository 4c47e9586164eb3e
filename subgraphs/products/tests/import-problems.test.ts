import { describe, expect, test } from '@jest/globals';
import { CLASSIC, type ClassicRow, classicCsv, lamp, readFile } from './import-file.ts';

const GOOD = lamp({ Handle: 'good', 'Variant SKU': 'GOOD' });
const columnOf = (name: (typeof CLASSIC)[number]) => CLASSIC.indexOf(name) + 1;

describe('a bad line', () => {
  // Line 1 is the header, line 2 a good product, and the bad rows begin at line 3.
  test.each<[string, ClassicRow[], number, (typeof CLASSIC)[number] | null, RegExp]>([
    [
      'a price that is none',
      [lamp({ 'Variant Price': 'free' })],
      3,
      'Variant Price',
      /^Variant Price: “free” is no price/,
    ],
    ['no price', [lamp({ 'Variant Price': '' })], 3, 'Variant Price', /^Variant Price: is empty/],
    ['an ambiguous price', [lamp({ 'Variant Price': '1,299' })], 3, 'Variant Price', /thousands or decimals/],
    ['a compare-at price', [lamp({ 'Variant Compare At Price': '-1' })], 3, 'Variant Compare At Price', /zero or more/],
    ['no title', [lamp({ Title: ' ' })], 3, 'Title', /^Title: is empty/],
    ['no handle', [lamp({ Handle: '' })], 3, 'Handle', /^Handle: is empty/],
    ['a handle that is no slug', [lamp({ Handle: 'My Lamp' })], 3, 'Handle', /^Handle: “My Lamp” has other characters/],
    ['a quantity', [lamp({ 'Variant Inventory Qty': '-3' })], 3, 'Variant Inventory Qty', /“-3” is no number of units/],
    [
      'a fraction of a unit',
      [lamp({ 'Variant Inventory Qty': '1.5' })],
      3,
      'Variant Inventory Qty',
      /no number of units/,
    ],
    ['too many units', [lamp({ 'Variant Inventory Qty': '1000000001' })], 3, 'Variant Inventory Qty', /1000000000/],
    ['a status', [lamp({ Status: 'gone' })], 3, 'Status', /“gone” is none of active/],
    ['whether published', [lamp({ Published: 'maybe' })], 3, 'Published', /neither TRUE nor FALSE/],
    ['a position', [lamp({ 'Image Src': '/a.webp', 'Image Position': 'first' })], 3, 'Image Position', /no position/],
    ['a collection', [lamp({ Collection: '!!!' })], 3, 'Collection', /gives no slug/],
    ['an option without a name', [lamp({ 'Option1 Value': 'S' })], 3, 'Option1 Value', /does not name/],
    [
      'the second option first',
      [lamp({ 'Option2 Name': 'Size', 'Option2 Value': 'S' })],
      3,
      'Option2 Name',
      /is missing/,
    ],
    [
      'a variant without a value',
      [
        lamp({ 'Option1 Name': 'Size', 'Option1 Value': 'S' }),
        { Handle: 'lamp', 'Variant SKU': 'B', 'Variant Price': 1 },
      ],
      4,
      'Option1 Value',
      /is empty/,
    ],
    [
      'another name of an option',
      [
        lamp({ 'Option1 Name': 'Size', 'Option1 Value': 'S' }),
        { Handle: 'lamp', 'Option1 Name': 'Color', 'Option1 Value': 'Red', 'Variant Price': 1 },
      ],
      4,
      'Option1 Name',
      /“Color” is another option than at line 3/,
    ],
    [
      'another title',
      [lamp(), lamp({ Title: 'Chair', 'Variant SKU': 'B' })],
      4,
      'Title',
      /“Chair” is another title than at line 3/,
    ],
    [
      'a SKU of another product',
      [lamp({ 'Variant SKU': 'GOOD' })],
      3,
      'Variant SKU',
      /“GOOD” is the SKU of line 2 already/,
    ],
    [
      'a handle that comes again',
      [lamp(), lamp({ Handle: 'chair', 'Variant SKU': 'C' }), lamp({ 'Variant SKU': 'D' })],
      5,
      'Handle',
      /“lamp” stands at line 3 already/,
    ],
    [
      'after a body of many lines',
      [lamp({ Handle: 'chair', 'Variant SKU': 'C', 'Body (HTML)': 'a\nb\nc' }), lamp({ 'Variant Price': 'x' })],
      6,
      'Variant Price',
      /no price/,
    ],
  ])('%s is named with its line and column', async (_, rows, line, column, message) => {
    const { products, problems } = await readFile(classicCsv([GOOD, ...rows]));
    expect(problems).toEqual([
      { line, column: column === null ? null : columnOf(column), message: expect.stringMatching(message) },
    ]);
    expect(products.map(({ slug }) => slug)).toContain('good');
  });

  const raw = (...lines: string[]) => [CLASSIC.join(','), ...lines, ''].join('\n');
  const row = (handle: string, title: string, sku: string) =>
    `${handle},${title}${','.repeat(10)}${sku},,48.00${','.repeat(7)}`;

  test.each([
    ['a cell too few', row('lamp', 'Lamp', 'L').slice(0, -1), null, /has 20 cells, the header 21/],
    ['a cell too many', `${row('lamp', 'Lamp', 'L')},x`, null, /has 22 cells/],
    ['a quote within a cell', row('lamp', '5" lamp', 'L'), 2, /^Title: a quote in the middle/],
    ['a quote within quotes', row('lamp', '"a "5 lamp"', 'L'), 2, /^Title: a quote within a quoted cell/],
  ])('%s leaves out its product alone', async (_, bad, column, message) => {
    const { products, problems } = await readFile(raw(row('good', 'Good', 'G'), bad, row('better', 'Better', 'B')));
    expect(problems).toEqual([{ line: 3, column, message: expect.stringMatching(message) }]);
    expect(products.map(({ slug }) => slug)).toEqual(['good', 'better']);
  });

  test('within a product leaves out the whole of it', async () => {
    const lines = [
      row('lamp', 'Lamp', 'L'),
      row('lamp', '5" lamp', 'M'),
      row('lamp', '', 'N'),
      row('good', 'Good', 'G'),
    ];
    const { products, problems } = await readFile(raw(...lines));
    expect(problems).toMatchObject([{ line: 3, column: 2 }]);
    expect(products.map(({ slug }) => slug)).toEqual(['good']);
  });

  test('whose handle cannot be read leaves out the product before it, too', async () => {
    const { products, problems } = await readFile(
      raw(row('lamp', 'Lamp', 'L'), row('la"mp', 'Lamp', 'M'), row('good', 'Good', 'G')),
    );
    expect(problems).toMatchObject([{ line: 3, column: 1 }]);
    expect(products.map(({ slug }) => slug)).toEqual(['good']);
  });

  test('with bytes that are no UTF-8 is named', async () => {
    const latin1 = Buffer.from(
      raw(row('good', 'Good', 'G'), row('cafe', 'Café', 'C'), row('better', 'Better', 'B')),
      'latin1',
    );
    const { products, problems } = await readFile(latin1);
    expect(problems).toEqual([{ line: 3, column: 2, message: expect.stringMatching(/^Title: .*no UTF-8/) }]);
    expect(products.map(({ slug }) => slug)).toEqual(['good', 'better']);
  });

  test('begins where its row begins, though the first cell has line breaks', async () => {
    const file = 'Description,Handle,Title,Price\n"a\nb",good,Good,1\n"a\nb\nc",lamp,Lamp,x\n"d\ne",la"mp,Lamp,1\n';
    const { problems, linesRead } = await readFile(file);
    expect(problems.map(({ line, column }) => [line, column]).toSorted()).toEqual([
      [4, 4],
      [7, 2],
    ]);
    expect(linesRead).toBeGreaterThanOrEqual(7);
  });

  test('says everything that is wrong with its cells at once', async () => {
    const { problems } = await readFile(
      classicCsv([lamp({ Title: '', 'Variant Price': 'x', 'Variant Inventory Qty': 'y' })]),
    );
    expect(problems.map(({ column }) => column)).toEqual([
      columnOf('Title'),
      columnOf('Variant Price'),
      columnOf('Variant Inventory Qty'),
    ]);
  });

  test('quotes no more of a cell than fits', async () => {
    const { problems } = await readFile(classicCsv([lamp({ 'Variant Price': 'x'.repeat(5_000) })]));
    expect(problems[0]?.message.length).toBeLessThan(200);
  });
});

describe('a file that is refused', () => {
  const open = `${CLASSIC.join(',')}\n${'good,Good'}${','.repeat(11)},48.00${','.repeat(7)}\nlamp,"Lamp`;

  test.each([
    ['nothing', '', 1, null, /is empty/],
    ['a mark alone', '\uFEFF', 1, null, /is empty/],
    ['blank lines', '\n\n\n', 1, null, /is empty/],
    ['no price', 'Handle,Title\na,b\n', 1, null, /no column variant price or price/],
    ['no handle', 'Title,Price\na,1\n', 1, null, /no column handle or url handle/],
    ['semicolons', 'Handle;Title;Variant Price\na;b;1\n', 1, null, /semicolons/],
    [
      'two columns for one thing',
      'Handle,Title,Variant Price,Price\n',
      1,
      4,
      /^Price: column 3 says the same \(Variant Price\)/,
    ],
    ['a broken header', 'Handle,Ti"tle,Price\n', 1, 2, /^The header/],
    ['a workbook', 'PK\u0003\u0004\u0000\u0000', 1, null, /no column/],
  ])('%s', async (_, file, line, column, message) => {
    expect(await readFile(file)).toMatchObject({
      refused: true,
      products: [],
      problems: [{ line, column, message: expect.stringMatching(message) }],
    });
  });

  test.each(['utf16le', 'utf16be'])('%s', async (encoding) => {
    const bytes = Buffer.from(`\uFEFF${classicCsv([lamp()])}`, 'utf16le');
    if (encoding === 'utf16be') bytes.swap16();
    for (const size of [1, 65_536]) {
      expect(await readFile(bytes, { size })).toMatchObject({
        refused: true,
        problems: [{ line: 1, message: expect.stringMatching(/UTF-16/) }],
      });
    }
  });

  test('a quote that never ends: what stands before it is read', async () => {
    const { products, problems } = await readFile(`${open} of ${'many\nlines '.repeat(50)}`);
    expect(problems).toEqual([
      { line: 3, column: 2, message: expect.stringMatching(/^Title: a quoted cell begins here and never ends/) },
    ]);
    expect(products.map(({ slug }) => slug)).toEqual(['good']);
  });

  test('a quote that never ends swallows a million characters at most', async () => {
    const { products, problems, refused } = await readFile(open + 'x\n'.repeat(2_000_000));
    expect(problems).toEqual([{ line: 3, column: 2, message: expect.stringMatching(/never closed/) }]);
    expect([refused, products.map(({ slug }) => slug)]).toEqual([true, ['good']]);
  });

  test('more lines than one may have: what stands before them is read', async () => {
    const { products, problems, refused } = await readFile(`${classicCsv([lamp()])}${'\n'.repeat(200_000)}${'x,x\n'}`);
    expect(problems).toMatchObject([{ line: 200_003, message: expect.stringMatching(/200000 lines/) }]);
    expect([refused, products.length]).toEqual([true, 0]);
  });
});
