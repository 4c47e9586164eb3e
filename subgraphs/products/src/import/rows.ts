import { pipeline, Readable } from 'node:stream';
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { type CsvError, type InfoField, type Options, type Parser, parse } from 'csv-parse';
import { withPlainLineBreaks } from './line-breaks.ts';
import { FileRefused } from './problem.ts';

/** Beyond what any product may have in one row; a quote that is never closed swallows no more than this. */
const MAX_ROW_CHARACTERS = 1_000_000;
/** Taken apart at a stretch: all else in this process waits meanwhile, and a row may be as short as one byte. */
const SLICE_BYTES = 8_192;

/** Each costs some work: a file of nothing else is given up. */
const MAX_BROKEN_PLACES = 50_000;

/** A row of the file. */
export interface Row {
  /** From 1: the line at which it begins; line breaks within cells count. */
  readonly line: number;
  /** The line at which it ends. */
  readonly lastLine: number;
  readonly cells: readonly string[];
  /** Set when the row could not be taken apart: then the cells are those before that place. */
  readonly broken: Broken | null;
}

interface Broken {
  readonly column: number;
  readonly message: string;
  /** Whether nothing can be read after it. */
  readonly isLast: boolean;
}

const TOO_MANY = 'TOO_MANY_BROKEN_PLACES';
const LAST = ['CSV_QUOTE_NOT_CLOSED', 'CSV_MAX_RECORD_SIZE', TOO_MANY];
const REASONS: Partial<Record<string, string>> = {
  INVALID_OPENING_QUOTE: 'a quote in the middle of a cell. Put the whole cell in quotes, and double those within it.',
  CSV_INVALID_CLOSING_QUOTE: 'a quote within a quoted cell. Double it, as in "a 5"" lamp".',
  CSV_QUOTE_NOT_CLOSED: 'a quoted cell begins here and never ends. Nothing behind it could be read.',
  CSV_MAX_RECORD_SIZE: `a row of more than ${MAX_ROW_CHARACTERS} characters: a quote that is never closed, as a rule. Nothing behind it could be read.`,
  [TOO_MANY]: `the file has more than ${MAX_BROKEN_PLACES} quotes that are out of place. Nothing behind it could be read.`,
};

/**
 * The rows of a CSV file (RFC 4180) in UTF-8, the header's first, each with its lines. Blank rows are passed over; one that cannot be
 * taken apart comes marked as broken, and the next is tried. Reads no further ahead than a chunk.
 *
 * @throws FileRefused where it cannot be read any further
 */
export async function* readRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Row> {
  let line = 1;
  let cells: string[] = [];
  let brokenAt = 0;
  let brokenPlaces = 0;
  const keep = (cell: string, { index, lines }: InfoField): string => {
    if (index === 0) {
      line = lines - breaksIn(cell);
      cells = [];
    }
    cells.push(cell);
    return cell;
  };
  const options: Options<Row, string[]> = {
    record_delimiter: '\n',
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_CHARACTERS,
    cast: keep,
    on_record: (record, { lines }) => ({ line, lastLine: lines, cells: record, broken: null }),
    skip_records_with_error: true,
    on_skip(error) {
      const { column, lines, ...broken } = error as CsvError & { column: number; lines: number };
      brokenPlaces += 1;
      const code = brokenPlaces > MAX_BROKEN_PLACES ? TOO_MANY : broken.code;
      const isLast = LAST.includes(code);
      const known = column === 0 ? { line: lines, cells: [] } : { line, cells: [...cells] };
      // A row is named once; but what it swallowed of the file must not go unsaid.
      if (brokenAt === known.line && !isLast) return undefined;
      brokenAt = known.line;
      const message = REASONS[code] ?? 'the row is no CSV.';
      parser.push({ ...known, lastLine: lines, broken: { column: column + 1, message, isLast } });
      return undefined;
    },
  };
  // Its types know no record of another shape without named columns.
  const parser: Parser = parse(options as unknown as Options);
  // An error of the source destroys the parser with it, so that it is thrown here.
  pipeline(Readable.from(inSlices(withPlainLineBreaks(chunks)), { objectMode: false }), parser, () => undefined);
  for await (const row of parser as AsyncIterable<Row>) {
    if (row.broken !== null || row.cells.some((cell) => cell.trim() !== '')) yield row;
    if (row.broken?.isLast === true) throw new FileRefused(null);
  }
}

async function* inSlices(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      yield chunk.subarray(at, at + SLICE_BYTES);
      await letOthersRun();
    }
  }
}

function breaksIn(cell: string): number {
  let breaks = 0;
  for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) breaks += 1;
  return breaks;
}
