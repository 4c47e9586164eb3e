/** The local landing page: sends operations to the graph it came from. Nothing is stored, nothing is loaded from elsewhere. */
const element = (id) => document.getElementById(id);
const [form, query, variables, headers] = ['request', 'query', 'variables', 'headers'].map(element);
const [answer, outcome, list, filter, none] = ['answer', 'outcome', 'operations', 'filter', 'none'].map(element);
const runButton = form.querySelector('button');

async function run() {
  let body;
  let extraHeaders;
  try {
    body = JSON.stringify({ query: query.value, variables: parseField(variables, 'The variables') });
    extraHeaders = parseField(headers, 'The headers');
  } catch (error) {
    return show('bad', error.message, '');
  }
  runButton.disabled = true;
  const startedAt = performance.now();
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { ...extraHeaders, 'content-type': 'application/json' },
      body,
    });
    const text = await response.text();
    const elapsedMs = Math.round(performance.now() - startedAt);
    const correlationId = response.headers.get('x-correlation-id') ?? '';
    show(
      isGood(response, text) ? 'good' : 'bad',
      `${response.status} in ${elapsedMs} ms, correlation id ${correlationId}`,
      indent(text),
    );
  } catch (error) {
    show('bad', `No answer: ${error.message}. Is the router still running?`, '');
  } finally {
    runButton.disabled = false;
  }
}

function parseField(field, name) {
  try {
    return JSON.parse(field.value.trim() === '' ? '{}' : field.value);
  } catch (error) {
    field.focus();
    throw new Error(`${name} are not JSON: ${error.message}`);
  }
}

function isGood(response, text) {
  return response.ok && !text.startsWith('{"errors"');
}

function indent(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function show(kind, line, text) {
  outcome.dataset.outcome = kind;
  outcome.textContent = line;
  answer.textContent = text;
}

function listOperations(operations) {
  const wanted = filter.value.trim().toLowerCase();
  const found = operations.filter(({ name }) => name.toLowerCase().includes(wanted));
  none.hidden = found.length > 0;
  const lines = [];
  for (const [index, operation] of found.entries()) {
    if (found[index - 1]?.client !== operation.client) lines.push(clientLine(operation.client));
    lines.push(operationLine(operation));
  }
  list.replaceChildren(...lines);
}

function clientLine(client) {
  const line = document.createElement('li');
  line.className = 'client';
  line.textContent = client;
  return line;
}

function operationLine(operation) {
  const line = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = operation.name;
  button.addEventListener('click', () => {
    query.value = operation.text;
    variables.value = JSON.stringify(operation.variables, null, 2);
    list.querySelector('[aria-current]')?.removeAttribute('aria-current');
    button.setAttribute('aria-current', 'true');
    query.focus();
    query.setSelectionRange(0, 0);
    query.scrollTop = 0;
  });
  line.append(button);
  return line;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  run();
});
form.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run();
});

const { operations, tokenCommand } = await (await fetch('/landing/operations.json')).json();
element('token').textContent = tokenCommand;
listOperations(operations);
filter.addEventListener('input', () => listOperations(operations));
