/**
 * Brings a file of products in Shopify's CSV format into a shop.
 *
 *   npm run import -- products.csv [--currency USD] [--publish]
 *
 * --currency  what the file's prices are in (USD)
 * --publish   puts new products on sale, but those whose Status or Published column says otherwise
 * --graph     a shop elsewhere: its graph's address; EBUY_TOKEN is then a merchandiser's access token
 *
 * Without --graph it is the shop that runs here, and its development merchandiser. The same file again changes nothing.
 * Ends with 0 when the file went in, 1 when nothing of it could, 2 when it was called wrongly.
 */
import { parseArgs } from 'node:util';
import { signIn, visit } from './demo/visitor.ts';
import { bringIn, type ImportDoor, type ImportReport } from './import/bring-in.ts';
import { STATE_DIR } from './repo/paths.ts';
import { ACCOUNTS } from './shop/accounts.ts';
import { readShopFile } from './shop/shop-file.ts';
import { bold, dim, green, red, seconds } from './terminal/progress.ts';

const USAGE =
  'npm run import -- products.csv [--currency USD] [--publish] [--graph https://…/graphql, with EBUY_TOKEN]';
const PROBLEMS_SHOWN = 100;

class Usage extends Error {}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        currency: { type: 'string', default: 'USD' },
        publish: { type: 'boolean', default: false },
        graph: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Usage(error instanceof Error ? error.message : String(error));
  }
}

async function openDoor(graph: string | undefined): Promise<ImportDoor> {
  if (graph !== undefined) {
    const token = process.env.EBUY_TOKEN;
    if (!URL.canParse(graph)) throw new Usage(`${graph} is no address.`);
    if (!token) throw new Usage('Give a merchandiser’s access token in EBUY_TOKEN.');
    return { graph, token, visitor: visit(graph, token) };
  }
  const shop = await readShopFile(STATE_DIR);
  if (shop === null) throw new Usage('No shop runs here. Start it with npm start, or name one with --graph.');
  const token = await signIn(shop.urls.keycloak, ACCOUNTS.merchandiser);
  return { graph: shop.urls.graph, token, visitor: visit(shop.urls.graph, token) };
}

function show(file: string, report: ImportReport, tookMs: number): void {
  const { productsCreated, productsUpdated, productsUnchanged, problems, problemCount, linesRead } = report;
  const word = report.status === 'COMPLETED' ? green('imported') : red('not imported to its end');
  console.log(`${bold(file)} ${word} ${dim(`${linesRead} lines in ${seconds(tookMs)}`)}`);
  console.log(`  ${productsCreated} products created, ${productsUpdated} updated, ${productsUnchanged} unchanged`);
  if (problemCount === 0) return;
  console.log(
    `  ${red(`${problemCount} ${problemCount === 1 ? 'problem' : 'problems'}`)}; the products concerned were left out`,
  );
  for (const { line, column, message } of problems.slice(0, PROBLEMS_SHOWN)) {
    console.log(`  ${file}:${line}${column === null ? '' : `:${column}`}  ${message}`);
  }
  if (problemCount > PROBLEMS_SHOWN) console.log(dim(`  and ${problemCount - PROBLEMS_SHOWN} more`));
}

const isTerminal = process.stdout.isTTY === true;

/** One line that is written over where there is a terminal; every few seconds a line elsewhere. */
function follow(): (report: ImportReport) => void {
  let toldAt = 0;
  return ({ linesRead, productsCreated, productsUpdated, productsUnchanged }) => {
    const text = `  ${linesRead} lines read, ${productsCreated + productsUpdated + productsUnchanged} products …`;
    if (isTerminal) process.stdout.write(`\r${text}`);
    else if (performance.now() - toldAt > 5_000) {
      toldAt = performance.now();
      console.log(text);
    }
  };
}

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new Usage('Name one file.');
  const from = performance.now();
  const report = await bringIn(await openDoor(values.graph), {
    file,
    currency: values.currency.toUpperCase(),
    publish: values.publish,
    onProgress: follow(),
  });
  if (isTerminal) process.stdout.write('\r\u001b[K');
  show(file, report, performance.now() - from);
  const brought = report.productsCreated + report.productsUpdated + report.productsUnchanged;
  return brought === 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  if (error instanceof Usage) console.error(USAGE);
  process.exitCode = error instanceof Usage ? 2 : 1;
}
