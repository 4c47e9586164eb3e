/** What failed, from the report that jest writes: for the end of a long output, where people look first. */

/** The part of jest's report (`--json`) that says what failed. */
export interface TestReport {
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly numRuntimeErrorTestSuites?: number;
  readonly testResults?: readonly {
    /** Absolute path. */
    readonly name: string;
    readonly status: string;
    /** All that went wrong in the file. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Enough for what was expected, what came, and where. */
const LINES = 14;
const COLUMNS = 180;

/** One text each failed test: its file and name, then the first lines of the failure. A file that did not run counts as one. */
export function failedTests({ testResults = [] }: TestReport, root: string): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`${file}\n${firstLines(message)}`] : [];
    return failed.map(
      ({ fullName, failureMessages }) => `${file}: ${fullName}\n${firstLines(failureMessages.join('\n'))}`,
    );
  });
}

function firstLines(failure: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
  const plain = failure.replaceAll(/\u001b\[[\d;]*m/g, '').split('\n');
  const said = plain.filter((line) => line.trim() !== '' && !/^\s+at .*(node_modules|node:internal)/.test(line));
  return said
    .slice(0, LINES)
    .map((line) => `    ${line.slice(0, COLUMNS)}`)
    .join('\n');
}
