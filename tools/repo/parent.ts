/**
 * Calls `end` once when this process is asked to end (Ctrl-C, SIGTERM, SIGHUP) or when the bootstrap that started it is gone, however that
 * went. A second Ctrl-C within the same run ends it at once; the supervisors then end what it started.
 */
export const onEnd = (end: (why: string) => void): void => {
  let isEnding = false;
  const ask = (why: string): void => {
    if (isEnding && why === 'SIGINT') process.exit(130);
    if (isEnding) return;
    isEnding = true;
    end(why);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ask(signal));
  // A reader that went away (`npm start | head`) is no reason to fall.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  if (process.channel === undefined) return;
  process.on('disconnect', () => ask('the process that started this one is gone'));
  // Listening alone must not keep a finished script alive.
  process.channel.unref();
};
