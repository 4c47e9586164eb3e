// What `npm run audit-trail` shows: the entries that are asked for, of all services in the order of time, and whether the chains hold.
import { type AuditEntry, type AuditHead, type ChainJudgement, judgeChain, type SealedEntry } from '@ebuy/runtime';
import type { AuditChain } from './chains.ts';

/** Which entries; all that is given must hold. */
export interface Wanted {
  /** An order's own entries, and those of its payment. */
  readonly order?: string | undefined;
  readonly actor?: string | undefined;
  readonly since?: Date | undefined;
}

export interface TrailEntry {
  readonly chain: string;
  /** Null: not sealed yet. */
  readonly seal: number | null;
  readonly entry: AuditEntry;
}

export interface Trail {
  /** The oldest first; the newest {@link SHOWN_MOST} where there are more. */
  readonly entries: readonly TrailEntry[];
  readonly leftOut: number;
  readonly judgements: readonly (ChainJudgement & { readonly unsealed: number })[];
}

export const SHOWN_MOST = 2_000;

/** Reads every chain from its beginning, whatever is wanted: whether it holds is told with what it says. */
export async function readTrail(
  chains: readonly AuditChain[],
  wanted: Wanted,
  published: readonly AuditHead[],
): Promise<Trail> {
  const found: TrailEntry[] = [];
  const keep = (chain: string, seal: number | null, entry: unknown) => {
    if (isEntry(entry) && isWanted(entry, wanted)) found.push({ chain, seal, entry });
  };
  const judgements: Trail['judgements'][number][] = [];
  for (const { name, rows, unsealed } of chains) {
    const noting = async function* (): AsyncGenerator<SealedEntry> {
      for await (const row of rows()) {
        keep(name, row.seal, row.entry);
        yield row;
      }
    };
    const judgement = await judgeChain(name, noting(), published);
    const waiting = await unsealed();
    for (const { entry } of waiting) keep(name, null, entry);
    judgements.push({ ...judgement, unsealed: waiting.length });
  }
  const entries = found.toSorted((a, b) => (a.entry.at < b.entry.at ? -1 : 1));
  return { entries: entries.slice(-SHOWN_MOST), leftOut: Math.max(0, entries.length - SHOWN_MOST), judgements };
}

function isWanted({ aggregate, detail, actor, at }: AuditEntry, { order, actor: by, since }: Wanted): boolean {
  if (order !== undefined && aggregate.id !== order && detail.orderId !== order) return false;
  if (by !== undefined && actor.id !== by) return false;
  return since === undefined || new Date(at) >= since;
}

/** A row that somebody has changed may hold anything; the chain tells of it. */
function isEntry(entry: unknown): entry is AuditEntry {
  const { aggregate, detail, actor, at, action } = (entry ?? {}) as Partial<Record<keyof AuditEntry, unknown>>;
  const parts = [aggregate, detail, actor].every((part) => typeof part === 'object' && part !== null);
  return parts && typeof at === 'string' && typeof action === 'string';
}

export function lineOf({ chain, seal, entry }: TrailEntry): string {
  const { at, actor, action, aggregate, version, detail, from } = entry;
  const via = actor.clientId === null ? '' : ` through ${actor.clientId}`;
  const who = `${actor.kind}${actor.id === null ? '' : ` ${actor.id}`}${via}`;
  const which = `${aggregate.type} ${aggregate.id}${version === null ? '' : ` v${version}`}`;
  const what = Object.entries(detail ?? {}).map(([name, value]) => `${name}=${String(value)}`);
  const where = from?.address ? [`from ${from.address}`] : [];
  const place = `${chain} ${seal === null ? 'not sealed yet' : `#${seal}`}`;
  return [at, place, who, action, which, ...what, ...where].join('  ');
}

/** A moment, or how long ago: `2026-11-23T12:00:00Z`, `90m`, `24h`, `7d`. Null for anything else. */
export function momentOf(text: string, now: Date): Date | null {
  const ago = /^(\d{1,6})(m|h|d)$/.exec(text);
  if (ago !== null) {
    const minutes = Number(ago[1]) * { m: 1, h: 60, d: 1_440 }[ago[2] as 'm' | 'h' | 'd'];
    return new Date(now.getTime() - minutes * 60_000);
  }
  const at = new Date(text);
  return /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(at.getTime()) ? at : null;
}
