// The provider's page for the second step, used as a browser would: opened, its form read, and one of its buttons pressed.
export interface SecondStepPage {
  readonly html: string;
  approve(): Promise<void>;
  refuse(): Promise<void>;
}

const DEADLINE_MS = 15_000;

export async function openSecondStep(url: string): Promise<SecondStepPage> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS) });
  const html = await response.text();
  if (!response.ok) throw new Error(`The page of the second step answered ${response.status}: ${html.slice(0, 200)}`);
  const press = async (wanted: RegExp) => {
    const { action, fields } = formWith(html, wanted);
    const sent = await fetch(new URL(action, url), {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'manual',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    await sent.body?.cancel();
    if (sent.status >= 400) throw new Error(`The second step was answered with ${sent.status}`);
  };
  return { html, approve: () => press(/approve/i), refuse: () => press(/decline/i) };
}

/** The form whose button says this, with its hidden fields and the button's own. */
function formWith(html: string, wanted: RegExp): { action: string; fields: [string, string][] } {
  for (const [, attributes = '', inside = ''] of html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)) {
    const button = [...inside.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)].find(([whole]) =>
      wanted.test(whole),
    );
    if (button === undefined && !wanted.test(attributes)) continue;
    const hidden = [...inside.matchAll(/<input\b([^>]*)>/gi)].map(([, of = '']) => of);
    const fields = [...hidden, button?.[1] ?? '']
      .filter((of) => attribute(of, 'name') !== '')
      .map((of): [string, string] => [attribute(of, 'name'), attribute(of, 'value')]);
    return { action: attribute(button?.[1] ?? '', 'formaction') || attribute(attributes, 'action'), fields };
  }
  throw new Error(`The page has no form that says ${wanted}: ${html.slice(0, 500)}`);
}

function attribute(attributes: string, name: string): string {
  return new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(attributes)?.[1] ?? '';
}
