/** How long anything may take, on whatever machine. */
export const BOUND_MS = 45_000;

/** As a runtime does: again until it works, after whatever has passed away meanwhile. */
export async function untilDone(work: () => Promise<void>): Promise<void> {
  const deadlineMs = performance.now() + BOUND_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
