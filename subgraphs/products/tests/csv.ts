/** A file of these rows, quoted as an export quotes them. */
export function csvOf(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const quoted = (cell: string | number | null) => {
    const text = String(cell ?? '');
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows].map((row) => `${row.map(quoted).join(',')}\n`).join('');
}
