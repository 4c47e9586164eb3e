import { describe, expect, test } from '@jest/globals';
import { openProductFile } from '../src/import/product-rows.ts';
import { Progress } from '../src/import/progress.ts';
import { openImportFile } from '../src/import/read-products.ts';
import { classicCsv, lamp, readFile } from './import-file.ts';

const HEADER = 'Handle,Title,Variant Price\n';

async function* inOnePiece(text: string) {
  yield Buffer.from(text);
}

/** What an import of this file would write of its problems. */
async function toldOf(text: string) {
  const progress = new Progress();
  const file = await openImportFile(inOnePiece(text), 'USD');
  for await (const { problems } of file.products) progress.add(problems);
  return progress.state();
}

describe('a file that means harm', () => {
  test.each([
    ['a null byte', 'a\u0000b', '“a\uFFFDb”'],
    ['half a character, where a cell is cut', `${'A'.repeat(39)}😀`, `“${'A'.repeat(39)}\uFFFD…”`],
  ])('quotes %s as something that can be kept', async (_, handle, shown) => {
    const { problems } = await toldOf(`${HEADER}${handle},Lamp,1\n`);
    expect(problems).toEqual([{ line: 2, column: 1, message: expect.stringContaining(shown) }]);
    expect(JSON.stringify(problems)).not.toMatch(/\\u0000|\\ud83d/);
  });

  test('has no message longer than a line, whatever it calls its columns', async () => {
    const { problems } = await toldOf(`Handle,Title,Variant Price,${'x'.repeat(500_000)}\nlamp,Lamp,1,\uFFFD\n`);
    expect(problems).toEqual([{ line: 2, column: 4, message: expect.stringMatching(/^x{100}: characters/) }]);
  });

  test('says of one product more than can be handed to a function at once', () => {
    const progress = new Progress();
    progress.add(Array.from({ length: 200_000 }, (_, line) => ({ line, column: null, message: 'No.' })));
    expect(progress.state()).toMatchObject({ problemCount: 200_000, problems: { length: 1_000 } });
  });

  test('holds no more of a row than the header has columns', async () => {
    const { products } = await openProductFile(inOnePiece(`${HEADER}lamp${','.repeat(100_000)}\n`));
    const { value } = await products.next();
    expect(value?.problems).toMatchObject([{ message: expect.stringContaining('100001 cells') }]);
    expect(value?.rows[0]?.cells.length).toBe(3);
  });

  test('has no more lines for being broken', async () => {
    const { problems, refused } = await readFile(`${classicCsv([lamp()])}${'\n'.repeat(200_000)}${'a"b\n'.repeat(10)}`);
    expect(problems.at(-1)).toMatchObject({ message: expect.stringMatching(/200000 lines/) });
    expect(refused).toBe(true);
  });

  test('cannot hide rows behind a quote that is out of place', async () => {
    const { products, problems, refused } = await readFile(`${HEADER}good,Good,1\nlamp,"5" lamp,1\nchair,Chair,1\n`);
    expect(problems).toMatchObject([
      { line: 3, column: 2, message: expect.stringMatching(/a quote within a quoted cell/) },
      { line: 3, message: expect.stringMatching(/Nothing behind it could be read/) },
    ]);
    expect([refused, products.map(({ slug }) => slug)]).toEqual([true, ['good']]);
  });

  test('is given up after so many quotes that are out of place', async () => {
    const { problems, refused } = await readFile(`${HEADER}lamp,"${'"b'.repeat(50_002)}",1\n`);
    expect(problems.at(-1)).toMatchObject({ message: expect.stringMatching(/more than 50000 quotes/) });
    expect(refused).toBe(true);
  });

  test('leaves the process to others meanwhile', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    await readFile(`${HEADER}${'\n'.repeat(400_000)}`);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });
});
