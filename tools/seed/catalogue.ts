// The catalogue's files (seed/catalogue/*.csv) into a shop, through the import that staff use. Products that are there are left alone.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Visitor } from '../demo/visitor.ts';
import { bringIn, type ImportDoor } from '../import/bring-in.ts';
import { ROOT } from '../repo/paths.ts';

const CATALOGUE = join(ROOT, 'seed', 'catalogue');
const PAGE = 100;
/** Files at the same time: as many as products runs. */
const LANES = 2;

interface SeedFile {
  readonly file: string;
  readonly currency: string;
}

/** The shop's products by slug. */
export type KnownProducts = ReadonlyMap<string, string>;

/** Brings in what is missing and puts it on sale. Returns how many products were made. */
export async function seedCatalogue(
  door: ImportDoor,
  known: KnownProducts,
  onFile: (file: string) => void,
): Promise<number> {
  const { files } = JSON.parse(await readFile(join(CATALOGUE, 'index.json'), 'utf8')) as { files: SeedFile[] };
  const queue = [...files];
  let created = 0;
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const text = missingOf(await readFile(join(CATALOGUE, next.file), 'utf8'), known);
      if (text === null) continue;
      const report = await bringIn(door, { file: { text }, currency: next.currency, publish: true });
      const [problem] = report.problems;
      if (problem !== undefined) throw new Error(`${next.file}:${problem.line}: ${problem.message}`);
      created += report.productsCreated;
      onFile(next.file);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return created;
}

export async function knownProducts(merchandiser: Visitor): Promise<KnownProducts> {
  const known = new Map<string, string>();
  const query = `query SeededProducts($first: Int!, $after: String) {
    staffProducts(first: $first, after: $after) { nodes { id slug } pageInfo { hasNextPage endCursor } }
  }`;
  for (let after: string | null = null; ; ) {
    const { staffProducts }: StaffPage = await merchandiser.get<StaffPage>(query, { first: PAGE, after });
    for (const { id, slug } of staffProducts.nodes) known.set(slug, id);
    if (!staffProducts.pageInfo.hasNextPage) return known;
    after = staffProducts.pageInfo.endCursor;
  }
}

interface StaffPage {
  readonly staffProducts: {
    readonly nodes: readonly { readonly id: string; readonly slug: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** The file without the products that are there: what somebody changed since must stay. Null when all are. */
function missingOf(text: string, known: KnownProducts): string | null {
  const [header = [], ...rows] = parse(text) as string[][];
  const missing = rows.filter(([handle = '']) => !known.has(handle));
  if (missing.length === 0) return null;
  if (missing.length === rows.length) return text;
  return [header, ...missing]
    .map((row) => `${row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`)
    .join('');
}
