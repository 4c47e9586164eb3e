/**
 * Waits until a check passes, instead of sleeping: asks again and again, and throws the check's last error when the time is up.
 * The check returns the value to hand on, or throws (an `expect` does) while it is not there yet. The time is for a busy machine: name a
 * shorter one only where the deadline itself is under test.
 */
export async function eventually<Value>(
  check: () => Value | Promise<Value>,
  { timeoutMs = 45_000, everyMs = 25 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
