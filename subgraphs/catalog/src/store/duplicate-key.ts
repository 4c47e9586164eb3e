const DUPLICATE_KEY = 11_000;

/** The index that refused a duplicate; null when the error is another. */
export function duplicateKeyOf(error: unknown): string | null {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code !== DUPLICATE_KEY) return null;
  // Every server says it so; the error's fields differ among them, and in a bulk.
  return /index: (\S+)/.exec(String(message))?.[1] ?? '';
}
