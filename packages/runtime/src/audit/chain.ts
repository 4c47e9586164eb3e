/**
 * The chain over a service's audit entries. Each sealed entry has a number, one more than the one before, and
 *
 *   hash = SHA-256( canonical JSON of { entry, previous, seal } )
 *
 * where `previous` is the hash before it, and before the first what the chain's name gives: an entry fits into one place of one chain.
 * Canonical is RFC 8785's form for what stands in entries: keys sorted, no blanks, safe integers.
 */
import { createHash } from 'node:crypto';

/** The newest seal of a chain: whoever has it can tell whether anything up to there was changed since. */
export interface AuditHead {
  readonly chain: string;
  /** 0: nothing is sealed yet. */
  readonly seal: number;
  readonly hash: string;
}

/** An entry as a store gives it back: whatever stands there. */
export interface StoredEntry {
  /** By which the store finds it. */
  readonly id: string;
  readonly entry: unknown;
}

export interface SealedEntry extends StoredEntry {
  readonly seal: number;
  readonly hash: string;
}

/** What is wrong with a chain, and where. */
export interface ChainBreak {
  readonly seal: number;
  /** Of the entry that stands there; null when none does. */
  readonly entryId: string | null;
  readonly problem: string;
}

export interface ChainJudgement {
  readonly head: AuditHead;
  readonly breaks: readonly ChainBreak[];
}

/** Where a chain begins. */
export function beginningOf(chain: string): AuditHead {
  return { chain, seal: 0, hash: sha256(`ebuy/audit/v1/${chain}`) };
}

/** The entry as the chain's next. */
export function sealNext(head: AuditHead, { id, entry }: StoredEntry): SealedEntry {
  const seal = head.seal + 1;
  return { id, entry, seal, hash: hashOf(seal, entry, head.hash) };
}

export function headAfter({ chain }: Pick<AuditHead, 'chain'>, { seal, hash }: SealedEntry): AuditHead {
  return { chain, seal, hash };
}

/**
 * Walks a chain from its beginning and names every row that does not fit. After a break it goes on from what stands there, so that one
 * changed row is one break and not all that follow it. `published`: heads that were told outside the store, in any order.
 */
export async function judgeChain(
  chain: string,
  rows: AsyncIterable<SealedEntry>,
  published: readonly AuditHead[] = [],
): Promise<ChainJudgement> {
  const breaks: ChainBreak[] = [];
  const told = Map.groupBy(
    published.filter((head) => head.chain === chain),
    ({ seal }) => seal,
  );
  let head = beginningOf(chain);
  for await (const row of rows) {
    const problem = problemOf(head, row);
    if (problem !== null) breaks.push({ seal: row.seal, entryId: row.id, problem });
    if (told.get(row.seal)?.some(({ hash }) => hash !== row.hash)) {
      const rewritten = 'its hash is not the one that was published: the chain was written anew up to here';
      breaks.push({ seal: row.seal, entryId: row.id, problem: rewritten });
    }
    head = headAfter(head, row);
  }
  for (const seal of told.keys()) {
    if (seal <= head.seal) continue;
    const problem = `it was published, and the chain ends at ${head.seal}: its end was cut off`;
    breaks.push({ seal, entryId: null, problem });
  }
  return { head, breaks };
}

function problemOf(head: AuditHead, row: SealedEntry): string | null {
  const due = head.seal + 1;
  if (row.seal !== due) {
    return `the rows ${due} to ${row.seal - 1} before it are gone: it cannot follow row ${head.seal}`;
  }
  if (row.hash !== hashOf(row.seal, row.entry, head.hash)) {
    return `it does not follow from row ${head.seal}: it was changed, or that one was together with its hash`;
  }
  const { id } = (row.entry ?? {}) as { id?: unknown };
  return id === row.id ? null : 'it is filed under an id that is not its own';
}

function hashOf(seal: number, entry: unknown, previous: string): string {
  return sha256(canonical({ entry, previous, seal }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
}
