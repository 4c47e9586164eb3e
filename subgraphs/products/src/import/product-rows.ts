import { isSlug } from '@ebuy/kernel';
import { type Header, readHeader } from './header.ts';
import { shown } from './price.ts';
import { FileRefused, type ImportProblem } from './problem.ts';
import { type Row, readRows } from './rows.ts';

export const MAX_LINES = 200_000;
/** 250 variants, and a picture in a row of its own for each of 250. */
const MAX_ROWS_OF_PRODUCT = 500;
const MAX_CHARACTERS_OF_PRODUCT = 4_000_000;

/** The rows that follow each other with one handle, and what is wrong with them as rows. */
export interface ProductRows {
  readonly handle: string;
  readonly rows: readonly Row[];
  readonly problems: readonly ImportProblem[];
}

export interface ProductFile {
  readonly header: Header;
  readonly products: AsyncGenerator<ProductRows>;
  /** Lines of the file that have been read so far. */
  linesRead(): number;
}

/** @throws FileRefused here for a header that is none, later where the file cannot be read any further */
export async function openProductFile(chunks: AsyncIterable<Uint8Array>): Promise<ProductFile> {
  const rows = readRows(chunks);
  const first = await rows.next();
  if (first.done === true) throw new FileRefused({ line: 1, column: null, message: 'The file is empty.' });
  const { line, lastLine, cells, broken } = first.value;
  if (broken !== null) throw new FileRefused({ line, column: broken.column, message: `The header: ${broken.message}` });
  const header = readHeader(line, cells);
  let linesRead = lastLine;
  async function* counted(): AsyncGenerator<Row> {
    for await (const row of rows) {
      linesRead = Math.max(linesRead, row.lastLine);
      if (linesRead > MAX_LINES && row.broken?.isLast !== true) {
        const message = `A file has at most ${MAX_LINES} lines. Split it. The last product before this line is left out, too.`;
        throw new FileRefused({ line: row.line, column: null, message });
      }
      yield row;
    }
  }
  return { header, products: productsOf(counted(), header), linesRead: () => linesRead };
}

/** Gathers the rows of one product after the other. A handle that comes again after others is a problem of its own. */
async function* productsOf(rows: AsyncGenerator<Row>, header: Header): AsyncGenerator<ProductRows> {
  const seen = new Map<string, number>();
  let open: Gathering | null = null;
  try {
    for await (const row of rows) {
      const handle = handleOf(row, header);
      // A row that broke before its handle was read may belong to the one before: better none of that product than a part of it.
      if (open !== null && handle !== '' && (handle === open.handle || handle === null)) {
        open.add(row, header);
        continue;
      }
      if (open !== null) yield open;
      open = new Gathering(handle ?? '');
      open.refuseHandle(row, header, seen.get(open.handle));
      open.add(row, header);
      if (!seen.has(open.handle)) seen.set(open.handle, row.line);
    }
  } catch (error) {
    // What came of the last product may be a part of it; what is wrong with it is told.
    if (open !== null && open.problems.length > 0) yield open;
    throw error;
  }
  if (open !== null) yield open;
}

/** Null where the row broke before its handle was read. */
function handleOf(row: Row, header: Header): string | null {
  const handle = header.cell(row.cells, 'handle');
  return handle === '' && row.broken !== null ? null : handle;
}

class Gathering implements ProductRows {
  readonly handle: string;
  readonly rows: Row[] = [];
  readonly problems: ImportProblem[] = [];
  #characters = 0;

  constructor(handle: string) {
    this.handle = handle;
  }

  add(row: Row, header: Header): void {
    const { line, cells, broken } = row;
    if (broken !== null) {
      this.problems.push({
        line,
        column: broken.column,
        message: `${columnName(header, broken.column)}${broken.message}`,
      });
      return;
    }
    this.#refuseWidth(row, header);
    this.#refuseEncoding(row, header);
    this.#characters += cells.reduce((sum, cell) => sum + cell.length, 0);
    if (this.rows.length === MAX_ROWS_OF_PRODUCT || this.#characters > MAX_CHARACTERS_OF_PRODUCT) {
      if (this.problems.length === 0)
        this.problems.push({ line, column: null, message: 'The product has too many rows, or too long ones.' });
      return;
    }
    // A row of a million commas is refused by its width: it need not be held as well.
    this.rows.push(cells.length > header.width ? { ...row, cells: cells.slice(0, header.width) } : row);
  }

  refuseHandle({ line, broken }: Row, header: Header, before: number | undefined): void {
    const { column, name } = header.placeOf('handle');
    const refuse = (message: string) => this.problems.push({ line, column, message: `${name}: ${message}` });
    if (this.handle === '') {
      if (broken === null) refuse('is empty. Each row names its product.');
    } else if (before !== undefined) {
      refuse(
        `${shown(this.handle)} stands at line ${before} already, and other products between. Put the rows of a product together.`,
      );
    } else if (!isSlug(this.handle)) {
      refuse(
        `${shown(this.handle)} has other characters than lower-case letters, digits and single hyphens, or more than 100.`,
      );
    }
  }

  /** A comma or a quote too many or too few shifts what follows into the wrong columns. */
  #refuseWidth({ line, cells }: Row, { width }: Header): void {
    if (cells.length === width) return;
    const message = `The row has ${cells.length} cells, the header ${width}. Look for a comma or a quote that is missing.`;
    this.problems.push({ line, column: null, message });
  }

  /** The character stands for bytes that are no UTF-8, or for a text that was broken before. */
  #refuseEncoding({ line, cells }: Row, header: Header): void {
    const index = cells.findIndex((cell) => cell.includes('\uFFFD'));
    if (index < 0) return;
    const message = `${columnName(header, index + 1)}characters that are no UTF-8. Save the file as CSV in UTF-8.`;
    this.problems.push({ line, column: index + 1, message });
  }
}

function columnName(header: Header, column: number): string {
  const name = header.nameAt(column);
  return name === '' ? '' : `${name}: `;
}
