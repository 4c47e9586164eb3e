/** The subgraphs' `cache-control` headers as one for the client: the shortest time, private when one of them is. Null: not to be cached. */
export function mergeCacheControl(hints: readonly (string | null)[]): string | null {
  let maxAge = Number.POSITIVE_INFINITY;
  let isPrivate = false;
  for (const hint of hints) {
    const age = hint === null ? undefined : /(?:^|[,\s])max-age=(\d+)/i.exec(hint)?.[1];
    if (hint === null || age === undefined || /no-store|no-cache/i.test(hint)) return null;
    maxAge = Math.min(maxAge, Number(age));
    isPrivate ||= /(?:^|[,\s])private/i.test(hint);
  }
  if (!Number.isFinite(maxAge) || maxAge === 0) return null;
  return `max-age=${maxAge}, ${isPrivate ? 'private' : 'public'}`;
}
