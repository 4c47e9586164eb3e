/**
 * The service whose main a process runs, as the shop calls it: the folder in which `src/main.ts`, or a `main.ts` beside `src`, lies.
 * Undefined for whatever is no service: a test, a tool, a worker's script.
 */
export function serviceOfMain(path: string | undefined): string | undefined {
  return path?.match(/([^/\\]+)[/\\](?:src[/\\])?main\.[cm]?[jt]s$/)?.[1];
}
