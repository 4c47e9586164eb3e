// `npm run bench:import [-- --products N]` beside a running shop: lines a second, memory, and how fast the read model is made anew. See README.md.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { newId } from '@ebuy/kernel';
import { signIn, visit } from '@ebuy/tools/demo/visitor.ts';
import { bringIn, type ImportDoor, type ImportReport } from '@ebuy/tools/import/bring-in.ts';
import { ROOT } from '@ebuy/tools/repo/paths.ts';
import { ACCOUNTS } from '@ebuy/tools/shop/accounts.ts';
import { cpuBetween, readCpu, readMemory, sumOf } from './cpu.ts';
import { useRunningShop } from './shop.ts';

const SIZES = ['S', 'M', 'L', 'XL'];
const LINES_A_PRODUCT = SIZES.length + 1;
const LOOK_EVERY_MS = 100;
const HEAD =
  'Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src,Image Position';

const { values } = parseArgs({ options: { products: { type: 'string', default: '1000' } } });
const products = Number(values.products);

function linesOf(run: string, index: number): string[] {
  const handle = `bench-${run}-${index}`;
  const body = `"<p>Number ${index} of ${run}: ${'a plain text about a plain thing, '.repeat(15)}and no more.</p>"`;
  const head = `Bench ${run} ${index},${body},Bench,Parcels,"bench, ${run}",TRUE,Size`;
  return [
    ...SIZES.map((size, place) => {
      const image = place === 0 ? `/pictures/${handle}/1-800x600.webp,1` : ',';
      return `${handle},${place === 0 ? head : ',,,,,,'},${size},${handle}-${size},9,${10 + (index % 90)}.50,${image}`;
    }),
    `${handle},,,,,,,,,,,,/pictures/${handle}/2-800x600.webp,2`,
  ];
}

async function timed(name: string, door: ImportDoor, text: string, launcherPid: number): Promise<void> {
  const memory = () => readMemory(launcherPid).get('products') ?? 0;
  const [memoryBefore, cpuBefore] = [memory(), readCpu(launcherPid)];
  let peak = memoryBefore;
  const looking = setInterval(() => {
    peak = Math.max(peak, memory());
  }, LOOK_EVERY_MS);
  const from = performance.now();
  const report: ImportReport = await bringIn(door, { file: { text }, currency: 'USD', publish: true });
  const tookMs = performance.now() - from;
  clearInterval(looking);
  const cpu = cpuBetween(cpuBefore, readCpu(launcherPid));
  const lines = products * LINES_A_PRODUCT + 1;
  console.log(
    `${name}: ${lines} lines in ${(tookMs / 1_000).toFixed(1)} s, ${Math.round((lines / tookMs) * 1_000)} lines a second; ` +
      `${report.productsCreated} created, ${report.productsUnchanged} unchanged, ${report.problemCount} problems; ` +
      `products ${Math.round(memoryBefore)} MB before, ${Math.round(peak)} MB at the most; CPU ${(sumOf(cpu) / lines).toFixed(2)} ms a line over all processes`,
  );
}

function rebuild(): Promise<number | null> {
  const child = spawn(process.execPath, [join(ROOT, 'tools', 'rebuild.ts'), 'catalog'], { stdio: 'inherit' });
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
}

try {
  const { file } = await useRunningShop();
  const token = await signIn(file.urls.keycloak, ACCOUNTS.merchandiser);
  const door = { visitor: visit(file.urls.graph, token), graph: file.urls.graph, token };
  const run = newId().slice(-12);
  const text = [HEAD, ...Array.from({ length: products }, (_, index) => linesOf(run, index)).flat()].join('\n');
  await timed('a new file', door, text, file.pid);
  await timed('the same file again', door, text, file.pid);
  console.log('the catalog, made anew:');
  process.exitCode = (await rebuild()) ?? 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
process.exit();
