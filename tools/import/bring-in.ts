// A file of products into a shop, as staff bring one in: in the mutation while it is small, else by an upload; then it is followed to its end.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import type { Visitor } from '../demo/visitor.ts';

const MAX_CSV_BYTES = 1024 * 1024;
const LOOK_EVERY_MS = 300;
const UPLOAD_DEADLINE_MS = 600_000;

const IMPORT =
  'id status linesRead productsCreated productsUpdated productsUnchanged problemCount problems { line column message }';
const BEGIN = `mutation ImportFile($input: ImportProductsInput!) {
  importProducts(input: $input) { import { ${IMPORT} } userErrors { code message } }
}`;
const LOOK = `query FollowImport($id: ID!) { productImport(id: $id) { ${IMPORT} } }`;

export interface ImportReport {
  readonly id: string;
  readonly status: 'RUNNING' | 'COMPLETED' | 'FAILED';
  readonly linesRead: number;
  readonly productsCreated: number;
  readonly productsUpdated: number;
  readonly productsUnchanged: number;
  readonly problemCount: number;
  readonly problems: readonly { readonly line: number; readonly column: number | null; readonly message: string }[];
}

export interface ImportWish {
  /** A path, or the text itself. */
  readonly file: string | { readonly text: string };
  readonly currency: string;
  readonly publish: boolean;
  readonly onProgress?: (report: ImportReport) => void;
}

/** Of a merchandiser: who asks, and where files go. */
export interface ImportDoor {
  readonly visitor: Visitor;
  readonly graph: string;
  readonly token: string;
}

/** Rejects when the shop refuses the import as a whole; what is wrong within the file is in the report. */
export async function bringIn(
  door: ImportDoor,
  { file, currency, publish, onProgress }: ImportWish,
): Promise<ImportReport> {
  const source = await sourceOf(door, file);
  const input = { ...source, currency, publish };
  const { importProducts } = await door.visitor.get<{
    importProducts: { import: ImportReport | null; userErrors: readonly { code: string; message: string }[] };
  }>(BEGIN, { input });
  let report = importProducts.import;
  if (report === null) {
    throw new Error(importProducts.userErrors.map(({ code, message }) => `${code}: ${message}`).join('; '));
  }
  while (report.status === 'RUNNING') {
    onProgress?.(report);
    await delay(LOOK_EVERY_MS);
    const { productImport }: { productImport: ImportReport | null } = await door.visitor.get(LOOK, { id: report.id });
    if (productImport === null) throw new Error(`The import ${report.id} is gone`);
    report = productImport;
  }
  return report;
}

async function sourceOf(door: ImportDoor, file: ImportWish['file']): Promise<{ csv: string } | { uploadId: string }> {
  if (typeof file !== 'string') {
    return Buffer.byteLength(file.text) <= MAX_CSV_BYTES ? { csv: file.text } : upload(door, Buffer.from(file.text));
  }
  const { size } = await stat(file);
  if (size > MAX_CSV_BYTES) return upload(door, file, size);
  const bytes = await readFile(file);
  const csv = bytes.toString();
  // Bytes that are no UTF-8 would be lost in a text: the shop shall see them, and say where they stand.
  return Buffer.from(csv).equals(bytes) ? { csv } : upload(door, file, size);
}

async function upload(
  { graph, token }: ImportDoor,
  file: string | Buffer,
  size?: number,
): Promise<{ uploadId: string }> {
  const response = await request(new URL('/uploads', graph), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'text/csv',
      ...(size === undefined ? {} : { 'content-length': String(size) }),
    },
    body: typeof file === 'string' ? createReadStream(file) : file,
    headersTimeout: UPLOAD_DEADLINE_MS,
    signal: AbortSignal.timeout(UPLOAD_DEADLINE_MS),
  });
  const text = await response.body.text();
  if (response.statusCode === 201) return JSON.parse(text) as { uploadId: string };
  const { errors = [] } = JSON.parse(text) as { errors?: readonly { message: string }[] };
  throw new Error(`The file was not taken (${response.statusCode}): ${errors.map(({ message }) => message).join(' ')}`);
}
