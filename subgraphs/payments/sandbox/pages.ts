/** The second step: a page of the bank's, as it were. Plain HTML that works without scripts and reads well aloud. */
import { createHash } from 'node:crypto';
import { formatMoney } from '@ebuy/kernel';
import type { AuthorizationRow } from './answers.ts';

const STYLE = `
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
main { width: min(26rem, 90vw); padding: 2rem; border: 1px solid GrayText; border-radius: .75rem; }
h1 { font-size: 1.375rem; margin: 0 0 .5rem; }
.amount { font-size: 2rem; font-variant-numeric: tabular-nums; margin: 1rem 0; }
form { display: flex; gap: .75rem; flex-wrap: wrap; }
button { font: inherit; flex: 1; min-height: 2.75rem; padding: .5rem 1rem; border-radius: .5rem; border: 2px solid #1d4ed8; cursor: pointer;
  background: transparent; color: inherit; }
button[value="approve"] { background: #1d4ed8; color: #fff; }
button:focus-visible { outline: 3px solid #f59e0b; outline-offset: 2px; }
small { color: GrayText; }
`;

const styleHash = createHash('sha256').update(STYLE).digest('base64');

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

export function actionPage(row: AuthorizationRow): string {
  const amount = formatMoney({ amountMinor: Number(row.amount_minor), currency: row.currency });
  if (row.status === 'requires_action') {
    return page(
      'Confirm your payment',
      `<p>eBuy asks to reserve this amount on your card:</p>
<p class="amount">${escapeHtml(amount)}</p>
<form method="post">
<button name="decision" value="approve">Approve</button>
<button name="decision" value="decline">Decline</button>
</form>`,
    );
  }
  const words =
    row.status === 'declined' ? ['Payment declined', 'You declined'] : ['Payment confirmed', 'You approved'];
  if (row.status === 'voided')
    return page('Payment no longer needed', '<p role="status">The shop has withdrawn it. Nothing was taken.</p>');
  return page(
    words[0] ?? '',
    `<p role="status">${words[1]} the payment of ${escapeHtml(amount)}. You can go back to the shop now; its page has moved on by itself.</p>`,
  );
}

export function missingPage(): string {
  return page(
    'Nothing to confirm',
    '<p role="status">This address is not, or no longer, one of a payment. Go back to the shop and try again.</p>',
  );
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Sandbox bank</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
<p><small>Sandbox bank: no real money moves here.</small></p>
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
